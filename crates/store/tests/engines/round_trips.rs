//! What is written is read back as it was, noun by noun.

use super::place::{NOW, ORGANIZATION, Place, read, write};
use domain::answers::{Answer, Bounds};
use domain::ledger::Transfer;
use domain::people::Mode;
use domain::projects::{Media, Plan, State as ProjectState, templates};
use domain::queue::{First, Slot, State};
use domain::workflow::{Method, Stage, TaskState, Verdict};
use domain::{
    AnswerId, BackendId, ItemId, PersonId, ProjectId, PromptId, Role, SlotId, SubmissionId, TaskId,
    Timestamp,
};
use store::{
    BackendRow, Consensus, ConsensusPart, ConsensusRow, CountDelta, Counts, DraftRow, Error,
    NewAnswer, NewInvitation, NewItem, NewKey, NewLabel, NewRendition, NewReview, NewSession,
    PassWords, Payload, Person, PersonKind, ProjectRow, PromptRow, SlotRow, Store, Suggestion,
    TaskFilter, TaskRow, Touch, Versioned,
};

pub fn a_project(id: i64, name: &str) -> ProjectRow {
    let template = templates().into_iter().find(|one| one.template == "text_choice").unwrap();
    ProjectRow {
        id: ProjectId(id),
        name: name.into(),
        template: template.template.into(),
        question: template.question,
        plan: Plan::default(),
        state: ProjectState::Published,
        mode: Mode::Live,
        version: 1,
        ontology_version: 1,
        instructions_version: 1,
        created_by: PersonId(1),
        created_at: NOW,
    }
}

pub fn an_item(external_id: &str) -> NewItem {
    NewItem {
        external_id: external_id.into(),
        media: Media::Text,
        address: None,
        bytes: 5,
        width: None,
        height: None,
        frames: None,
        payload: Payload {
            name: external_id.into(),
            text: Some("hello".into()),
            scene: None,
            pictures: vec![],
            metadata: serde_json::Map::new(),
        },
        priority: 5,
        overlap: 3,
        label: None,
        suggestion: None,
        gold: false,
        ontology_version: 1,
        instructions_version: 1,
    }
}

fn an_answer(choice: &str) -> Answer {
    Answer { choices: vec![choice.into()], ..Answer::default() }
}

fn submission(name: &str) -> SubmissionId {
    format!("sub_0000000{name}").parse().unwrap()
}

/// A project with items, and their tasks in the order of their making.
fn a_project_with(store: &Store, items: &'static [&'static str]) -> Vec<TaskRow> {
    write(store, move |tx| {
        tx.insert_project(&a_project(1, "a project"))?;
        tx.insert_items(
            ProjectId(1),
            &items.iter().map(|name| an_item(name)).collect::<Vec<_>>(),
            NOW,
        )
    });
    tasks(store)
}

fn tasks(store: &Store) -> Vec<TaskRow> {
    let filter = TaskFilter { limit: 100, ..TaskFilter::default() };
    read(store, move |tx| tx.list_tasks(ProjectId(1), &filter))
        .into_iter()
        .map(|row| row.task)
        .collect()
}

pub fn projects(place: &Place) {
    let store = place.store();
    let ontology =
        templates().into_iter().find(|one| one.template == "text_choice").unwrap().ontology;
    let project = a_project(1, "Straße ✓ ' \" \\ %");
    let (kept, document) = (project.clone(), ontology.clone());
    write(&store, move |tx| {
        tx.insert_project(&kept)?;
        let version = Versioned {
            version: 1,
            document: document.clone(),
            created_by: PersonId(1),
            created_at: NOW,
        };
        tx.insert_ontology(ProjectId(1), &version)?;
        let words = Versioned {
            version: 1,
            document: "# Draw\n🙂".to_string(),
            created_by: PersonId(1),
            created_at: NOW,
        };
        tx.insert_instructions(ProjectId(1), &words)?;
        assert!(tx.insert_picture(ProjectId(1), "address", "image/png", (3, 4), NOW)?);
        assert!(!tx.insert_picture(ProjectId(1), "address", "image/png", (3, 4), NOW)?);
        Ok(())
    });
    assert_eq!(read(&store, |tx| tx.project(ProjectId(1))), Some(project.clone()));
    assert_eq!(
        read(&store, |tx| tx.projects(Mode::Live, ProjectId(0), 10)),
        std::slice::from_ref(&project)
    );
    assert_eq!(read(&store, |tx| tx.projects(Mode::Test, ProjectId(0), 10)), []);
    let name = project.name.clone();
    assert!(read(&store, move |tx| tx.project_by_name(Mode::Live, &name)).is_some());
    assert_eq!(read(&store, |tx| tx.ontology(ProjectId(1), 1)).unwrap().document, ontology);
    assert_eq!(read(&store, |tx| tx.instructions(ProjectId(1), 1)).unwrap().document, "# Draw\n🙂");
    assert!(read(&store, |tx| tx.ontology(ProjectId(1), 2)).is_none());
    assert_eq!(read(&store, |tx| tx.picture(Mode::Live, "address")), Some("image/png".to_string()));
    assert_eq!(read(&store, |tx| tx.picture(Mode::Live, "elsewhere")), None);

    let twice = store.write_now(|tx| tx.insert_project(&a_project(2, "Straße ✓ ' \" \\ %")));
    assert!(matches!(twice, Err(Error::Exists { .. })), "{twice:?}");
    let held = write(&store, |tx| tx.hold_project(ProjectId(1)));
    assert_eq!(held, Some(project.clone()));
    let paused = ProjectRow { state: ProjectState::Paused, version: 2, ..project };
    let after = paused.clone();
    write(&store, move |tx| tx.save_project(1, &after));
    assert_eq!(read(&store, |tx| tx.project(ProjectId(1))), Some(paused.clone()));
    let stale = store.write_now(move |tx| tx.save_project(1, &paused));
    assert!(matches!(stale, Err(Error::Conflict)), "{stale:?}");
}

pub fn items_and_tasks(place: &Place) {
    let store = place.store();
    let tasks = a_project_with(&store, &["b", "a", "c"]);
    assert_eq!(tasks.len(), 3);
    assert!(
        tasks
            .iter()
            .all(|task| task.state == TaskState::Queued && task.open == 3 && task.priority == 5)
    );
    let wanted = Counts { queued: 3, wanted: 9, ..Counts::default() };
    assert_eq!(read(&store, |tx| tx.counts(ProjectId(1))), wanted);
    assert_eq!(read(&store, |tx| tx.recount(ProjectId(1))), wanted);
    // The same external id is left as it is.
    let again =
        write(&store, |tx| tx.insert_items(ProjectId(1), &[an_item("a"), an_item("d")], NOW));
    assert_eq!(again, 1);

    let item = read(&store, |tx| tx.item_by_external_id(ProjectId(1), "a")).unwrap();
    assert_eq!(item.payload.text.as_deref(), Some("hello"));
    let id = item.id;
    assert_eq!(read(&store, move |tx| tx.item(id)), Some(item));
    assert_eq!(read(&store, move |tx| tx.task_of_item(id)), Some(tasks[1].id));
    assert_eq!(read(&store, |tx| tx.items(ProjectId(1), ItemId(0), 2)).len(), 2);
    assert_eq!(read(&store, move |tx| tx.item_bounds(id)), Bounds::text("hello"));

    let done = NewItem { label: Some(an_answer("neutral")), ..an_item("done") };
    let begun = NewItem { suggestion: Some(an_answer("positive")), gold: true, ..an_item("dusk") };
    let picture = NewItem {
        media: Media::Image,
        address: Some("x".into()),
        width: Some(640),
        height: Some(480),
        ..an_item("picture")
    };
    let video = NewItem {
        media: Media::Video,
        frames: Some(38),
        external_id: "video".into(),
        ..picture.clone()
    };
    let made = write(&store, move |tx| {
        let done = tx.insert_item(ProjectId(1), &done, NOW)?;
        let begun = tx.insert_item(ProjectId(1), &begun, NOW)?;
        let picture = tx.insert_item(ProjectId(1), &picture, NOW)?;
        Ok([done, begun, picture, tx.insert_item(ProjectId(1), &video, NOW)?])
    });
    let [(_, done), (_, begun), (picture, _), (video, _)] = made.map(Option::unwrap);
    assert_eq!(read(&store, move |tx| tx.label(done)).unwrap().value, an_answer("neutral"));
    assert_eq!(read(&store, move |tx| tx.label(done)).unwrap().method, Method::Imported);
    let suggestion = |task| {
        let work = read(&store, move |tx| tx.work(SlotId(1), PersonId(1), task)).unwrap();
        assert_eq!(work.draft, None);
        work.suggestion.map(|suggestion| suggestion.answer)
    };
    assert_eq!(suggestion(begun), Some(an_answer("positive")));
    assert_eq!(suggestion(done), None);
    assert!(read(&store, move |tx| tx.task(begun)).unwrap().gold);
    assert_eq!(read(&store, move |tx| tx.item_bounds(picture)), Bounds::picture(640.0, 480.0));
    let bounds = Bounds::video(640.0, 480.0, 38);
    assert_eq!(read(&store, move |tx| tx.item_bounds(video)), bounds);
    let row = read(&store, move |tx| tx.item(video)).unwrap();
    assert_eq!((row.frames, row.bounds(), row.chars), (Some(38), bounds, None));

    let list = |external_id: Option<&str>, state| {
        let filter = TaskFilter {
            external_id: external_id.map(Into::into),
            state,
            limit: 100,
            ..TaskFilter::default()
        };
        let rows = read(&store, move |tx| tx.list_tasks(ProjectId(1), &filter));
        rows.into_iter().map(|row| row.external_id).collect::<Vec<_>>()
    };
    assert_eq!(list(Some("d"), None), ["d", "done", "dusk"]);
    assert_eq!(list(Some("d"), Some(TaskState::Done)), ["done"]);
    assert_eq!(list(None, Some(TaskState::Done)), ["done"]);
    assert_eq!(list(None, None).len(), 8);

    write(&store, move |tx| {
        for address in ["one", "two"] {
            let rendition =
                NewRendition { kind: "thumb".into(), address: address.into(), mime: "image/webp" };
            tx.insert_renditions(picture, &[rendition])?;
        }
        Ok(())
    });
    assert_eq!(
        read(&store, move |tx| tx.rendition(picture, "thumb")),
        Some(("two".into(), "image/webp".into()))
    );

    let mut task = tasks[0].clone();
    task.state = TaskState::InProgress;
    (task.open, task.answers, task.agreement, task.version, task.priority) =
        (1, 2, Some(0.75), 2, 9);
    let after = task.clone();
    write(&store, move |tx| {
        tx.save_task(1, &after)?;
        tx.add_counts(
            ProjectId(1),
            &CountDelta::default().moved(TaskState::Queued, TaskState::InProgress).answers(2),
        )
    });
    let id = task.id;
    assert_eq!(read(&store, move |tx| tx.task(id)), Some(task.clone()));
    assert_eq!(write(&store, move |tx| tx.hold_task(id)), Some(task.clone()));
    let stale = store.write_now(move |tx| tx.save_task(1, &task));
    assert!(matches!(stale, Err(Error::Conflict)), "{stale:?}");
}

fn held(by: i64, until: i64, fence: i64) -> Slot {
    Slot {
        fence,
        state: State::Held { by: PersonId(by), until: Timestamp(NOW.0 + until) },
        reserved_for: None,
    }
}

fn insert_slot(store: &Store, id: i64, task: &TaskRow, slot: Slot) -> SlotRow {
    let task = task.clone();
    write(store, move |tx| tx.insert_slot(SlotId(id), &task, &slot, NOW))
}

pub fn slots_leases_and_drafts(place: &Place) {
    let store = place.store();
    let tasks = a_project_with(&store, &["a", "b"]);
    let (task, other) = (tasks[0].id, tasks[1].id);
    let first = insert_slot(&store, 11, &tasks[0], held(1, 100, 1));
    let second = insert_slot(&store, 12, &tasks[0], held(2, 50, 1));
    assert_eq!((first.ordinal, second.ordinal), (1, 2));
    assert_eq!(read(&store, |tx| tx.slot(SlotId(11))), Some(first.clone()));
    assert_eq!(write(&store, |tx| tx.hold_slot(SlotId(11))), Some(first.clone()));
    assert_eq!(write(&store, move |tx| tx.slots_of(task)).len(), 2);
    assert_eq!(read(&store, |tx| tx.hold_task_of(SlotId(12))).map(|row| row.id), Some(task));

    let leases = |person: i64, at: i64| {
        write(&store, move |tx| tx.leases_of(PersonId(person), ProjectId(1), Timestamp(NOW.0 + at)))
            .len()
    };
    assert_eq!((leases(1, 99), leases(1, 100), leases(3, 0)), (1, 0, 0));
    assert_eq!(read(&store, |tx| tx.held(ProjectId(1), Timestamp(NOW.0 + 60))).len(), 1);

    // A lease that ran out is for its last holder, and for whoever has not had the task in hand.
    write(&store, move |tx| {
        tx.set_touch(task, PersonId(1), Stage::Label, Touch::Held, NOW)?;
        tx.set_touch(task, PersonId(2), Stage::Label, Touch::Held, NOW)
    });
    let expired = |person: i64, at: i64| {
        write(&store, move |tx| {
            let now = Timestamp(NOW.0 + at);
            tx.expired_slots(ProjectId(1), Stage::Label, PersonId(person), now, 10)
        })
        .iter()
        .map(|slot| slot.id.0)
        .collect::<Vec<_>>()
    };
    assert_eq!(expired(2, 49), [0; 0]);
    assert_eq!(expired(2, 50), [12]);
    assert_eq!(expired(1, 50), [0; 0]);
    assert_eq!(expired(3, 100), [12, 11]);

    assert!(read(&store, move |tx| tx.has_touched(task, PersonId(1))));
    assert!(!read(&store, move |tx| tx.has_touched(other, PersonId(1))));
    write(&store, move |tx| tx.remove_touch(task, PersonId(1), Stage::Label));
    assert!(!read(&store, move |tx| tx.has_touched(task, PersonId(1))));
    write(&store, move |tx| tx.set_touch(task, PersonId(1), Stage::Label, Touch::Skipped, NOW));
    write(&store, move |tx| tx.remove_touch(task, PersonId(1), Stage::Label));
    assert!(read(&store, move |tx| tx.has_touched(task, PersonId(1))), "a skip is not forgotten");

    let item = tasks[0].item;
    assert!(read(&store, move |tx| tx.holds_item(PersonId(2), item)));
    assert!(!read(&store, move |tx| tx.holds_item(PersonId(3), item)));

    // Back to the queue; reserved; answered; each over what it was and nothing else.
    let save = |before: Slot, after: Slot| {
        store.write_now(move |tx| {
            tx.save_slot(SlotId(11), &before, &after, NOW)?;
            tx.record(NOW, "test", "slot.saved", SlotId(11), serde_json::json!({}));
            Ok::<_, Error>(())
        })
    };
    let free = Slot { fence: 1, state: State::Free, reserved_for: None };
    let reserved = Slot { fence: 1, state: State::Free, reserved_for: Some(PersonId(1)) };
    let answered = Slot {
        fence: 1,
        state: State::Answered { by: PersonId(1), submission: submission("1"), digest: "d".into() },
        reserved_for: None,
    };
    save(first.slot.clone(), free.clone()).unwrap();
    assert_eq!(
        write(&store, move |tx| tx.free_slot_of(task, Stage::Label)).unwrap().id,
        SlotId(11)
    );
    save(free, reserved.clone()).unwrap();
    assert_eq!(write(&store, move |tx| tx.free_slot_of(task, Stage::Label)), None);
    assert_eq!(write(&store, |tx| tx.rework_of(PersonId(1), ProjectId(1), 10)).len(), 1);
    assert_eq!(read(&store, |tx| tx.count_rework(PersonId(1), ProjectId(1))), 1);
    assert_eq!(read(&store, |tx| tx.count_rework(PersonId(2), ProjectId(1))), 0);
    assert!(read(&store, move |tx| tx.holds_item(PersonId(1), item)));
    save(reserved, answered.clone()).unwrap();
    assert_eq!(read(&store, |tx| tx.slot(SlotId(11))).unwrap().slot, answered);
    assert!(matches!(save(first.slot, answered), Err(Error::Conflict)));

    let draft = |seq, device: &str| DraftRow {
        device: device.into(),
        seq,
        answer: serde_json::json!({ "objects": [seq] }),
        saved_at: NOW,
    };
    let save = |seq, device: &str| {
        let draft = draft(seq, device);
        write(&store, move |tx| tx.save_draft(SlotId(12), PersonId(2), &draft))
    };
    assert!(save(5, "phone") && !save(4, "phone") && save(1, "desk"));
    let kept = |person| {
        let work = read(&store, move |tx| tx.work(SlotId(12), PersonId(person), task)).unwrap();
        assert_eq!(work.item.id, item);
        work.draft
    };
    assert_eq!((kept(2), kept(1)), (Some(draft(1, "desk")), None));
    write(&store, |tx| tx.remove_draft(SlotId(12), PersonId(2)));
    assert_eq!(kept(2), None);
}

pub fn the_order_of_the_queue(place: &Place) {
    let store = place.store();
    write(&store, |tx| {
        tx.insert_project(&a_project(1, "a project"))?;
        let items = [("slow", 1), ("first", 5), ("second", 5), ("urgent", 9)];
        let items = items.map(|(name, priority)| NewItem { priority, ..an_item(name) });
        tx.insert_items(ProjectId(1), &items, NOW)
    });
    let named = tasks(&store);
    let find = |person: i64, first: First| {
        let task = write(&store, move |tx| {
            let task = tx.next_task(ProjectId(1), Stage::Label, PersonId(person), first)?;
            if let Some(task) = &task {
                tx.set_touch(task.id, PersonId(person), Stage::Label, Touch::Held, NOW)?;
            }
            Ok(task)
        });
        task.map(|task| {
            ["slow", "first", "second", "urgent"]
                [named.iter().position(|one| one.id == task.id).unwrap()]
        })
    };
    let next = |person: i64| find(person, First::Doubtful);
    assert_eq!([next(1), next(1), next(1)], [Some("urgent"), Some("first"), Some("second")]);
    assert_eq!([next(2), next(1), next(1)], [Some("urgent"), Some("slow"), None]);
    // What came back is first, for those who have not had it.
    let mut back = named[0].clone();
    (back.again, back.version) = (true, 2);
    write(&store, move |tx| tx.save_task(1, &back));
    assert_eq!([next(1), next(2), next(2)], [None, Some("slow"), Some("first")]);
    // Or second, for those who begin with what is fresh.
    let fresh: Vec<_> = (0..5).map(|_| find(4, First::Fresh)).collect();
    assert_eq!(fresh, [Some("urgent"), Some("first"), Some("second"), Some("slow"), None]);
    assert_eq!(read(&store, |tx| tx.count_open(ProjectId(1), Stage::Label)), 4);
    assert_eq!(read(&store, |tx| tx.count_open(ProjectId(1), Stage::Review)), 0);
    let first = named[1].id;
    assert!(read(&store, move |tx| tx.is_barred(first, PersonId(1), Stage::Label)));
    assert!(read(&store, move |tx| tx.is_barred(first, PersonId(1), Stage::Review)));
    assert!(!read(&store, move |tx| tx.is_barred(first, PersonId(3), Stage::Label)));
    // Who has judged a task may judge it again, but not label it.
    write(&store, move |tx| tx.set_touch(first, PersonId(3), Stage::Review, Touch::Answered, NOW));
    assert!(!read(&store, move |tx| tx.is_barred(first, PersonId(3), Stage::Review)));
    assert!(read(&store, move |tx| tx.is_barred(first, PersonId(3), Stage::Label)));
}

pub fn answers_reviews_and_labels(place: &Place) {
    let store = place.store();
    let tasks = a_project_with(&store, &["a"]);
    let task = tasks[0].id;
    let give = |id: i64, slot: i64, name: &str, stage: Stage, choice: &str| {
        let (name, body) = (submission(name), serde_json::to_vec(&an_answer(choice)).unwrap());
        store.write_now(move |tx| {
            let new = NewAnswer {
                id: AnswerId(id),
                submission: &name,
                slot: SlotId(slot),
                task,
                project: ProjectId(1),
                person: PersonId(id),
                stage,
                body: &body,
                digest: "digest",
                active_ms: 1_500,
                ontology_version: 1,
                instructions_version: 1,
            };
            let is_new = tx.insert_answer(&new, NOW)?;
            tx.record(NOW, "test", "slot.answered", SlotId(slot), serde_json::json!({}));
            Ok::<_, Error>(is_new)
        })
    };
    assert!(give(1, 12, "1", Stage::Label, "positive").unwrap());
    assert!(give(2, 11, "2", Stage::Label, "neutral").unwrap());
    assert!(give(3, 13, "3", Stage::Review, "negative").unwrap());
    assert!(!give(4, 14, "3", Stage::Label, "neutral").unwrap(), "a submission is taken once");

    let standing = read(&store, move |tx| tx.standing_answers(task));
    assert_eq!(
        standing.iter().map(|row| row.id.0).collect::<Vec<_>>(),
        [2, 1],
        "in the order of their slots"
    );
    assert_eq!(standing[1].answer, an_answer("positive"));
    assert_eq!(read(&store, move |tx| tx.answers_of(task)).len(), 3);
    assert_eq!(
        read(&store, |tx| tx.answer(AnswerId(1))).unwrap().submission,
        "sub_00000001".to_string()
    );
    assert_eq!(
        read(&store, |tx| tx.answer_by_submission(&submission("2"))).unwrap().id,
        AnswerId(2)
    );
    assert_eq!(read(&store, |tx| tx.answers_by(PersonId(2), 10)).len(), 1);
    assert_eq!(read(&store, |tx| tx.work_of(PersonId(1), NOW)), (1, 1, 1_500));
    assert_eq!(read(&store, |tx| tx.work_of(PersonId(1), NOW.plus_ms(1))), (0, 1, 0));
    let (project, later) = (ProjectId(1), NOW.plus_ms(1));
    assert_eq!(
        read(&store, move |tx| tx.answers_per_hour(project, NOW, later)),
        [(NOW.0 / 3_600_000, 3)]
    );
    assert_eq!(read(&store, move |tx| tx.answers_per_hour(project, later, NOW.plus_ms(9))), []);
    assert_eq!(read(&store, move |tx| tx.answers_since(project, NOW)), (3, Some(NOW)));
    assert_eq!(read(&store, move |tx| tx.answers_per_person(project, NOW, later)).len(), 3);
    assert_eq!(read(&store, move |tx| tx.latest_answers(project, 10)).len(), 2);
    assert_eq!(read(&store, |tx| tx.agreement_of(ProjectId(1))), (None, 0));

    let review = write(&store, move |tx| {
        tx.set_answer_state(AnswerId(1), "standing", "rejected")?;
        let (name, better) = (submission("r"), an_answer("neutral"));
        let review = NewReview {
            submission: &name,
            slot: SlotId(13),
            task,
            answer: AnswerId(1),
            reviewer: PersonId(3),
            verdict: Verdict::Reject,
            clause: Some("boxes"),
            reason: Some("too loose ✓"),
            proposal: Some(&better),
            fixed: None,
            active_ms: 10,
        };
        tx.insert_review(&review, NOW)
    });
    let reviews = read(&store, move |tx| tx.reviews_of(task));
    assert_eq!((reviews[0].id, reviews[0].reason.as_deref()), (review, Some("too loose ✓")));
    assert_eq!(reviews[0].proposal, Some(an_answer("neutral")));
    assert_eq!(read(&store, move |tx| tx.standing_answers(task)).len(), 1);
    let again = store.write_now(|tx| tx.set_answer_state(AnswerId(1), "standing", "superseded"));
    assert!(matches!(again, Err(Error::Conflict)), "{again:?}");

    let skip = |person: i64, text: Option<&'static str>| {
        write(&store, move |tx| {
            tx.insert_skip(task, PersonId(person), SlotId(11), "unclear", text, NOW)
        })
    };
    skip(1, None);
    skip(1, Some("too dark"));
    skip(2, None);
    assert_eq!(read(&store, move |tx| tx.count_skips(task)), 2);
    let skips = read(&store, move |tx| tx.skips_of(task));
    assert!(skips.iter().any(|skip| skip.text.as_deref() == Some("too dark")));
    write(&store, move |tx| tx.remove_skips(task));
    assert_eq!(read(&store, move |tx| tx.count_skips(task)), 0);

    for (choice, method, confidence) in
        [("neutral", Method::Agreement, Some(0.75)), ("positive", Method::Fixed, None)]
    {
        let body = serde_json::to_vec(&an_answer(choice)).unwrap();
        write(&store, move |tx| {
            let answer = Some(AnswerId(2));
            let label = NewLabel {
                fused: false,
                task,
                answer,
                body: &body,
                confidence,
                claimed: Some(0.7),
                calibrated: confidence.is_some(),
                model: confidence.map(|_| "vote"),
                method,
                ontology_version: 1,
                instructions_version: 1,
            };
            tx.save_label(&label, NOW)
        });
        let label = read(&store, move |tx| tx.label(task)).unwrap();
        assert_eq!(
            (label.value, label.method, label.confidence, label.claimed),
            (an_answer(choice), method, confidence, Some(0.7))
        );
        assert_eq!(
            (label.calibrated, label.model.is_some()),
            (confidence.is_some(), confidence.is_some())
        );
    }
    let said = |confidence: f64| ConsensusRow {
        task,
        nearest: AnswerId(2),
        said: Consensus {
            value: Some(an_answer("neutral")),
            answers: vec![AnswerId(1), AnswerId(2)],
            parts: vec![ConsensusPart {
                id: "neutral".into(),
                presence: 0.9,
                confidence,
                claimed: Some(0.7),
                marks: vec![(AnswerId(1), "neutral".into())],
            }],
        },
        confidence: Some(confidence),
        claimed: Some(0.7),
        calibrated: true,
        model: Some("objects".into()),
        at: NOW,
    };
    assert_eq!(read(&store, move |tx| tx.consensus(task)), None);
    for confidence in [0.5, 0.8] {
        let (row, body) = (said(confidence), serde_json::to_vec(&an_answer("neutral")).unwrap());
        write(&store, move |tx| {
            tx.save_consensus(&row)?;
            let label = NewLabel {
                fused: true,
                task,
                answer: None,
                body: &body,
                confidence: Some(confidence),
                claimed: Some(0.7),
                calibrated: true,
                model: Some("objects"),
                method: Method::Adaptive,
                ontology_version: 1,
                instructions_version: 1,
            };
            tx.save_label(&label, NOW)
        });
        assert_eq!(read(&store, move |tx| tx.consensus(task)), Some(said(confidence)));
        let label = read(&store, move |tx| tx.label(task)).unwrap();
        assert_eq!((label.fused, label.answer), (true, None));
    }
    write(&store, move |tx| tx.remove_label(task));
    assert_eq!(read(&store, move |tx| tx.label(task)), None);
    assert_eq!(read(&store, |tx| tx.events_about(&SlotId(11).to_string(), 5)).len(), 1);
    assert_eq!(read(&store, |tx| tx.task(TaskId(99))), None);
}

pub fn gold_scores_and_contests(place: &Place) {
    let store = place.store();
    let known = NewItem { label: Some(an_answer("positive")), gold: true, ..an_item("known") };
    let (task, other) = write(&store, move |tx| {
        tx.insert_project(&a_project(1, "a project"))?;
        tx.insert_item(ProjectId(1), &an_item("dawn"), NOW)?;
        let (_, task) = tx.insert_item(ProjectId(1), &known, NOW)?.unwrap();
        let (_, other) = tx.insert_item(ProjectId(1), &an_item("dusk"), NOW)?.unwrap();
        Ok((task, other))
    });
    let (project, person, later) = (ProjectId(1), PersonId(7), NOW.plus_ms(1));
    let gold = read(&store, move |tx| tx.gold(task)).unwrap();
    assert_eq!(
        (gold.known.clone(), gold.version, gold.state.as_str()),
        (an_answer("positive"), 0, "live")
    );
    assert_eq!(read(&store, move |tx| tx.gold(other)), None);
    // A task that is still open is not dealt as gold.
    assert_eq!(read(&store, move |tx| tx.next_gold(project, person)), None);
    write(&store, move |tx| {
        let mut task = tx.hold_task(task)?.unwrap();
        (task.state, task.open) = (TaskState::Done, 0);
        tx.save_task(1, &TaskRow { version: 2, ..task })?;
        tx.look_at_gold(gold.task)
    });
    assert_eq!(read(&store, move |tx| tx.next_gold(project, person)), Some(task));
    write(&store, move |tx| tx.set_touch(task, person, Stage::Label, Touch::Held, NOW));
    assert_eq!(read(&store, move |tx| tx.next_gold(project, person)), None);
    let right = store::GoldRow { known: an_answer("neutral"), version: 1, looks: 1, ..gold };
    let saved = right.clone();
    write(&store, move |tx| tx.save_gold(&saved));
    assert_eq!(read(&store, move |tx| tx.golds(project, TaskId(0), 10)), [right]);

    let score = store::ScoreRow {
        answer: AnswerId(5),
        task,
        project,
        person,
        correct: false,
        likeness: 0.25,
        active_ms: 9,
        at: NOW,
    };
    let kept = score.clone();
    write(&store, move |tx| tx.save_score(&kept));
    assert_eq!(read(&store, move |tx| tx.count_scores(project, person)), (0, 1));
    let better = store::ScoreRow { correct: true, likeness: 1.0, ..score };
    let kept = better.clone();
    write(&store, move |tx| tx.save_score(&kept));
    assert_eq!(read(&store, move |tx| tx.count_scores(project, person)), (1, 1));
    assert_eq!(read(&store, |tx| tx.score(AnswerId(5))), Some(better.clone()));
    assert_eq!(read(&store, move |tx| tx.scores_of(task)), std::slice::from_ref(&better));
    assert_eq!(read(&store, move |tx| tx.scores(project, 5)), std::slice::from_ref(&better));
    assert_eq!(read(&store, move |tx| tx.scores_by(person, NOW, 5)), [better]);
    assert_eq!(read(&store, move |tx| tx.scores_by(person, NOW.plus_ms(-1), 5)), []);

    let contest = store::ContestRow {
        answer: AnswerId(5),
        task,
        project,
        person,
        state: "open".into(),
        reason: "both are fine ✓".into(),
        at: NOW,
        decided_by: None,
        decided_at: None,
    };
    let kept = contest.clone();
    write(&store, move |tx| tx.insert_contest(&kept));
    assert_eq!(read(&store, |tx| tx.contest(AnswerId(5))), Some(contest));
    let decided = move |store: &Store| {
        write(store, move |tx| tx.decide_contests(task, "overturned", PersonId(1), later))
    };
    assert_eq!((decided(&store), decided(&store)), (1, 0));
    let contests = read(&store, move |tx| tx.contests(project, 5));
    assert_eq!((contests[0].state.as_str(), contests[0].decided_at), ("overturned", Some(later)));

    let name = submission("v");
    let body = serde_json::to_vec(&an_answer("neutral")).unwrap();
    write(&store, move |tx| {
        let answer = NewAnswer {
            id: AnswerId(5),
            submission: &name,
            slot: SlotId(1),
            task,
            project,
            person,
            stage: Stage::Label,
            body: &body,
            digest: "d",
            active_ms: 9,
            ontology_version: 1,
            instructions_version: 1,
        };
        tx.insert_answer(&answer, NOW)?;
        let label = NewLabel {
            fused: false,
            task,
            answer: Some(AnswerId(5)),
            body: &body,
            confidence: Some(0.6),
            claimed: Some(0.7),
            calibrated: false,
            model: Some("vote"),
            method: Method::Adaptive,
            ontology_version: 1,
            instructions_version: 1,
        };
        tx.save_label(&label, NOW)
    });
    let votes = read(&store, move |tx| tx.votes(project, AnswerId(0), 10));
    assert_eq!((votes.len(), votes[0].said.clone()), (1, an_answer("neutral")));
    assert_eq!(read(&store, move |tx| tx.votes(project, AnswerId(5), 10)), []);
    assert_eq!(read(&store, move |tx| tx.settled(project, 5)), [], "its answers were not counted");
    let doubts = read(&store, move |tx| tx.doubts(project, 5));
    assert_eq!((doubts.len(), doubts[0].confidence, doubts[0].calibrated), (1, Some(0.6), false));
    assert_eq!(write(&store, move |tx| tx.remove_scores(task)), 1);
    assert_eq!(read(&store, move |tx| tx.scores_of(task)), []);
}

pub fn idempotency(place: &Place) {
    let store = place.store();
    store.write_now(|tx| tx.save_idempotent("who", "key", "hash", b"\x00\xff", NOW)).unwrap();
    assert_eq!(read(&store, |tx| tx.idempotent("who", "key")), Some(("hash".into(), vec![0, 255])));
    assert_eq!(read(&store, |tx| tx.idempotent("else", "key")), None);
    let twice = store.write_now(|tx| tx.save_idempotent("who", "key", "other", b"", NOW));
    assert!(matches!(twice, Err(Error::Conflict)), "{twice:?}");
    assert_eq!(store.write_now(|tx| tx.forget_idempotent(NOW)).unwrap(), 0);
    assert_eq!(store.write_now(|tx| tx.forget_idempotent(NOW.plus_ms(1))).unwrap(), 1);
}

pub fn money(place: &Place) {
    let control = place.control();
    let transfer = |id: &str, amount_minor| Transfer {
        id: id.into(),
        debit: "wages:p".into(),
        credit: "earnings:q".into(),
        amount_minor,
        currency: "EUR".into(),
    };
    let post = |transfer: Transfer| {
        control.write_now(move |tx| {
            let posted = tx.post(&transfer, ORGANIZATION, NOW)?;
            tx.record(NOW, "test", "transfer.posted", &transfer.id, serde_json::json!({}));
            Ok::<_, Error>(posted)
        })
    };
    assert!(post(transfer("pay:1", 5)).unwrap());
    assert!(!post(transfer("pay:1", 5)).unwrap(), "the same again is a repeat");
    assert!(matches!(post(transfer("pay:1", 6)), Err(Error::Exists { .. })));
    assert!(post(transfer("pay:2", 7)).unwrap());
    assert_eq!(read(control, |tx| tx.balances("earnings:q")), [("EUR".to_string(), 12)]);
    assert_eq!(read(control, |tx| tx.balances("wages:p")), [("EUR".to_string(), -12)]);
    assert_eq!(read(control, |tx| tx.audit_ledger()), (0, 0));
    assert_eq!(read(control, |tx| tx.count_transfers()), 2);
    assert_eq!(control.write_now(|tx| tx.relayed("somebody")).unwrap(), 0);
}

pub fn people(place: &Place) {
    let control = place.control();
    let person = |id, kind, email: Option<&str>| Person {
        id: PersonId(id),
        kind,
        email: email.map(Into::into),
        name: format!("person {id}"),
        password_hash: None,
        operator: id == 1,
        disabled: false,
    };
    let (ann, bob) =
        (person(1, PersonKind::Human, Some("ann@x")), person(2, PersonKind::Pseudonym, None));
    let (first, second) = (ann.clone(), bob.clone());
    write(control, move |tx| {
        tx.insert_organization(ORGANIZATION, "Ours", NOW)?;
        tx.insert_person(&first, NOW)?;
        tx.insert_person(&second, NOW)?;
        tx.set_membership(ORGANIZATION, PersonId(1), Role::Viewer, NOW)?;
        tx.set_membership(ORGANIZATION, PersonId(1), Role::Owner, NOW)?;
        tx.set_membership(ORGANIZATION, PersonId(2), Role::Contributor, NOW)?;
        tx.set_password(PersonId(1), "hash")?;
        tx.set_setting("a", "1")?;
        tx.set_setting("a", "2")
    });
    let ann = Person { password_hash: Some("hash".into()), ..ann };
    assert_eq!(read(control, |tx| tx.person(PersonId(1))), Some(ann.clone()));
    assert_eq!(read(control, |tx| tx.person_by_email("ann@x")), Some(ann));
    let same = person(3, PersonKind::Human, Some("ann@x"));
    let taken = control.write_now(move |tx| tx.insert_person(&same, NOW));
    assert!(matches!(taken, Err(Error::Exists { .. })), "{taken:?}");
    assert_eq!(
        read(control, |tx| tx.names(&[PersonId(2), PersonId(9)])),
        [(PersonId(2), "person 2".to_string())]
    );
    assert_eq!(write(control, |tx| tx.setting("a")), Some("2".to_string()));
    assert!(write(control, |tx| tx.remove_setting("a")));
    assert_eq!(write(control, |tx| tx.membership(ORGANIZATION, PersonId(1))), Some(Role::Owner));
    assert_eq!(read(control, |tx| tx.count_owners(ORGANIZATION)), 1);
    assert_eq!(
        read(control, |tx| tx.members(ORGANIZATION, PersonId(0), 10)).len(),
        1,
        "humans only"
    );
    assert_eq!(read(control, |tx| tx.memberships(PersonId(1)))[0].organization_name, "Ours");
    let all = read(control, |tx| tx.organizations());
    assert_eq!(all.len(), 1);
    assert_eq!(read(control, |tx| tx.organizations_after(domain::OrganizationId(0), 5)).len(), 1);
    let last = all[0].id;
    assert!(read(control, move |tx| tx.organizations_after(last, 5)).is_empty());
    assert!(read(control, |tx| tx.organization_by_name("Ours")).is_some());
    write(control, |tx| tx.rename_organization(ORGANIZATION, "Ours still"));
    assert_eq!(read(control, |tx| tx.organization_by_id(ORGANIZATION)).unwrap().name, "Ours still");

    let session = |token: u8| NewSession {
        token_hash: [token; 32],
        person: PersonId(1),
        organization: Some(ORGANIZATION),
        device: "desk".into(),
        expires_at: NOW.plus_ms(1_000),
    };
    let (one, two) = write(control, move |tx| {
        Ok((tx.insert_session(&session(1), NOW)?, tx.insert_session(&session(2), NOW)?))
    });
    let found = read(control, |tx| tx.verify_session(&[1; 32], NOW)).unwrap();
    assert_eq!(
        (found.id, found.role, found.organization),
        (one, Some(Role::Owner), Some(ORGANIZATION))
    );
    assert!(read(control, |tx| tx.verify_session(&[1; 32], NOW.plus_ms(1_000))).is_none());
    assert!(read(control, |tx| tx.verify_session(&[9; 32], NOW)).is_none());
    write(control, move |tx| {
        tx.touch_session(one, NOW.plus_ms(5))?;
        tx.move_session(two, None)
    });
    assert_eq!(read(control, |tx| tx.verify_session(&[2; 32], NOW)).unwrap().role, None);
    assert_eq!(read(control, |tx| tx.sessions(PersonId(1), NOW)).len(), 2);
    assert_eq!(write(control, move |tx| tx.end_other_sessions(PersonId(1), one)), 1);
    assert!(write(control, move |tx| tx.end_session(PersonId(1), one)));
    assert_eq!(write(control, |tx| tx.remove_expired_sessions(NOW)), 0);

    let key = write(control, |tx| {
        let key = NewKey {
            organization: ORGANIZATION,
            name: "import".into(),
            secret_hash: [7; 32],
            hint: "…abcd".into(),
            mode: Mode::Test,
            role: Role::Manager,
            created_by: PersonId(1),
        };
        tx.insert_key(&key, NOW)
    });
    let found = read(control, |tx| tx.verify_key(&[7; 32])).unwrap();
    assert_eq!((found.id, found.mode, found.role), (key.id, Mode::Test, Role::Manager));
    write(control, move |tx| tx.touch_key(key.id, NOW));
    assert_eq!(read(control, |tx| tx.keys_of(ORGANIZATION))[0].used_at, Some(NOW));
    assert!(write(control, move |tx| tx.revoke_key(ORGANIZATION, key.id, NOW)));
    assert!(!write(control, move |tx| tx.revoke_key(ORGANIZATION, key.id, NOW)));
    assert!(read(control, |tx| tx.verify_key(&[7; 32])).is_none());

    let invite = |token: u8| NewInvitation {
        organization: ORGANIZATION,
        email: "eve@x".into(),
        role: Role::Reviewer,
        token_hash: [token; 32],
        invited_by: PersonId(1),
        expires_at: NOW.plus_ms(9),
    };
    let (one, two) = write(control, move |tx| {
        Ok((tx.insert_invitation(&invite(1), NOW)?, tx.insert_invitation(&invite(2), NOW)?))
    });
    assert_eq!(read(control, |tx| tx.invitation_by_token(&[1; 32])).unwrap().role, Role::Reviewer);
    assert_eq!(read(control, |tx| tx.invitations(ORGANIZATION)).len(), 2);
    write(control, move |tx| tx.accept_invitation(one, NOW));
    let twice = control.write_now(move |tx| tx.accept_invitation(one, NOW));
    assert!(matches!(twice, Err(Error::Conflict)), "{twice:?}");
    assert!(!write(control, move |tx| tx.revoke_invitation(ORGANIZATION, one, NOW)));
    assert!(write(control, move |tx| tx.revoke_invitation(ORGANIZATION, two, NOW)));
    write(control, |tx| tx.remove_membership(ORGANIZATION, PersonId(2)));
    write(control, |tx| tx.close_organization(ORGANIZATION));
    assert_eq!(read(control, |tx| tx.memberships(PersonId(1))).len(), 0);
}

pub fn keys_are_destroyed_for_good(place: &Place) {
    write(&place.store(), |tx| tx.insert_project(&a_project(1, "sealed")));
    let actor = place.access(ORGANIZATION).actor();
    assert_eq!(place.stores.rotate_organization_key(ORGANIZATION, NOW).unwrap(), 2);
    let store = place.stores.access_for_job(actor).unwrap().store().clone();
    assert!(read(&store, |tx| tx.project(ProjectId(1))).is_some());
    place.stores.destroy_organization_keys(ORGANIZATION, NOW).unwrap();
    let gone = place.stores.access_for_job(actor).err();
    assert!(matches!(gone, Some(Error::KeyDestroyed)), "{gone:?}");
}

pub fn models_and_suggestions(place: &Place) {
    let store = place.store();
    let tasks: Vec<TaskId> =
        a_project_with(&store, &["a", "b", "c"]).into_iter().map(|task| task.id).collect();
    let model = BackendRow {
        id: BackendId(1),
        project: ProjectId(1),
        name: "Street".into(),
        kind: "label_studio".into(),
        setup: serde_json::json!({ "url": "https://models.example.org", "token": "s3cret" }),
        state: "unknown".into(),
        model_version: None,
        problem: None,
        checked_at: None,
        version: 1,
        created_by: PersonId(1),
        created_at: NOW,
    };
    let other = BackendRow { id: BackendId(2), name: "Other".into(), ..model.clone() };
    let kept = model.clone();
    write(&store, move |tx| {
        tx.insert_backend(&kept)?;
        tx.insert_backend(&other)
    });
    let twice = BackendRow { id: BackendId(3), ..model.clone() };
    let twice = store.write_now(move |tx| {
        tx.record(NOW, "test", "test", "test", serde_json::json!({}));
        tx.insert_backend(&twice)
    });
    assert!(matches!(twice, Err(Error::Exists { what: "model" })));
    assert_eq!(read(&store, |tx| tx.backend(BackendId(1))), Some(model.clone()));
    let up = BackendRow {
        state: "up".into(),
        model_version: Some("v7".into()),
        checked_at: Some(NOW),
        version: 2,
        ..model
    };
    let saved = up.clone();
    write(&store, move |tx| tx.save_backend(1, &saved));
    assert_eq!(read(&store, |tx| tx.backends_of(ProjectId(1)))[0], up);

    let said = |choice: &str, model: &str| Suggestion {
        answer: an_answer(choice),
        model: Some(model.into()),
        scores: [("choice".to_string(), 0.5)].into(),
    };
    let waiting = |backend: i64, again: bool| {
        let found = read(&store, move |tx| {
            let (backend, after) = (BackendId(backend), TaskId(0));
            let tasks = tx.unsuggested(ProjectId(1), backend, again, after, 10)?;
            let count = tx.count_unsuggested(ProjectId(1), backend, again, after)?;
            assert_eq!(tasks.len() as i64, count);
            Ok(tasks)
        });
        found.into_iter().map(|(task, _)| task).collect::<Vec<_>>()
    };
    assert_eq!(waiting(1, false), tasks);
    // What came with the data stays; one model's word gives way to another's.
    let (first, second) = (tasks[0], tasks[1]);
    let words = [said("positive", "Street v7"), said("negative", "Other v1")];
    let [ours, theirs] = words.clone();
    let taken = write(&store, move |tx| {
        tx.keep_suggestion(first, &an_answer("neutral"))?;
        let over_data = tx.suggest(first, BackendId(1), &ours)?;
        Ok([over_data, tx.suggest(second, BackendId(1), &ours)?])
    });
    assert_eq!(taken, [false, true]);
    let with_data = read(&store, move |tx| tx.suggestion(first)).unwrap();
    assert_eq!((with_data.answer, with_data.model), (an_answer("neutral"), None));
    assert_eq!(read(&store, move |tx| tx.suggestion(second)), Some(words[0].clone()));
    assert_eq!((waiting(1, false), waiting(1, true)), (vec![tasks[2]], tasks[1..].to_vec()));
    assert_eq!(waiting(2, false), tasks[1..]);
    assert!(write(&store, move |tx| tx.suggest(second, BackendId(2), &theirs)));
    assert_eq!(read(&store, move |tx| tx.suggestion(second)), Some(words[1].clone()));
    assert_eq!(
        read(&store, move |tx| tx.work(SlotId(1), PersonId(1), second)).unwrap().suggestion,
        Some(words[1].clone())
    );

    let prompt = PromptRow {
        id: PromptId(1),
        task: second,
        slot: SlotId(1),
        person: PersonId(1),
        backend: BackendId(1),
        suggestion: words[0].clone(),
        at: NOW,
    };
    let asked = prompt.clone();
    write(&store, move |tx| tx.insert_prompted(&asked));
    assert_eq!(read(&store, move |tx| tx.prompted_of(second)), [prompt]);
    assert_eq!(read(&store, |tx| tx.count_prompts(SlotId(1))), 1);
    assert_eq!(read(&store, |tx| tx.open_tasks(ProjectId(1), TaskId(0), 2)).len(), 2);
    assert_eq!(read(&store, |tx| tx.suggested_and_answered(ProjectId(1), 9)), []);
    write(&store, |tx| tx.remove_backend(BackendId(1)));
    assert_eq!(read(&store, |tx| tx.backend(BackendId(1))), None);

    // A pass opens one item until one moment, and only where it was made.
    let access = place.access(ORGANIZATION);
    let pass = access.seal_pass(ItemId(7), NOW).unwrap();
    let words = PassWords::read(&pass).unwrap();
    assert_eq!((words.item, words.until, words.organization), (ItemId(7), NOW, ORGANIZATION));
    assert!(words.is_proven(&access, &pass));
    let later = PassWords { until: NOW.plus_ms(1), ..words };
    assert!(!later.is_proven(&access, &pass));
    assert!(!PassWords { item: ItemId(8), ..words }.is_proven(&access, &pass));
    assert!(!words.is_proven(&access, pass.rsplit_once('.').unwrap().0));
    assert_eq!(PassWords::read("nothing"), None);
}
