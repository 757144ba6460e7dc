//! Comments and who has not read them are read back as they were written.

use super::place::{NOW, Place, read, write};
use super::round_trips::{a_project, an_item};
use domain::comments::{Pin, Region, ThreadState};
use domain::{AnswerId, CommentId, PersonId, ProjectId, SlotId, TaskId};
use store::{CommentRow, Conversation, Error, InboxRow};

const TALK: Conversation = Conversation { slot: SlotId(11), contributor: PersonId(7) };

fn a_comment(id: i64, thread: i64, task: TaskId, person: i64) -> CommentRow {
    CommentRow {
        id: CommentId(id),
        submission: format!("sub_0000000{id}"),
        thread: CommentId(thread),
        answer: AnswerId(5),
        conversation: TALK,
        task,
        project: ProjectId(1),
        person: PersonId(person),
        state: (id == thread).then_some(ThreadState::Open),
        text: format!("tighter, {id} ✓"),
        pin: Pin::default(),
        digest: "d".into(),
        at: NOW,
        changed_by: None,
        changed_at: None,
    }
}

pub fn comments_and_inboxes(place: &Place) {
    let store = place.store();
    let (_, task) = write(&store, |tx| {
        tx.insert_project(&a_project(1, "a project"))?;
        Ok(tx.insert_item(ProjectId(1), &an_item("dawn"), NOW)?.unwrap())
    });
    let region = Region { x: 1.5, y: 2.0, width: 3.0, height: 4.0 };
    let pin = Pin {
        object: Some("a".into()),
        region: Some(region),
        passage: Some([1, 2]),
        frame: Some(9),
        camera: Some("front".into()),
    };
    let rows = [
        CommentRow { pin, ..a_comment(1, 1, task, 3) },
        a_comment(2, 1, task, 7),
        a_comment(3, 3, task, 3),
        // Of the same slot, and of somebody else: another conversation.
        CommentRow {
            conversation: Conversation { contributor: PersonId(8), ..TALK },
            ..a_comment(4, 4, task, 3)
        },
    ];
    let kept = rows.clone();
    write(&store, move |tx| kept.iter().try_for_each(|row| tx.insert_comment(row)));
    assert_eq!(read(&store, |tx| tx.comments_of(TALK)), rows[..3]);
    assert_eq!(read(&store, |tx| tx.comment(CommentId(4))), Some(rows[3].clone()));
    assert_eq!(read(&store, |tx| tx.comment(CommentId(9))), None);
    let name = rows[1].submission.parse().unwrap();
    assert_eq!(read(&store, move |tx| tx.comment_by_submission(&name)), Some(rows[1].clone()));
    let again = rows[0].clone();
    let twice = store.write_now(move |tx| {
        tx.record(NOW, "test", "test.happened", "test", serde_json::json!({}));
        tx.insert_comment(&CommentRow { id: CommentId(10), thread: CommentId(10), ..again.clone() })
    });
    assert!(twice.is_err(), "a submission stands for one comment");

    let (threads, comments, before) = read(&store, |tx| tx.measure_conversation(TALK));
    assert_eq!((threads, comments), (2, 3));
    let later = NOW.plus_ms(5);
    let turned = move |from: ThreadState, to: ThreadState| {
        move |tx: &mut store::Tx<'_>| tx.turn_thread(CommentId(1), from, to, PersonId(7), later)
    };
    write(&store, turned(ThreadState::Open, ThreadState::Done));
    let stale = store.write_now(turned(ThreadState::Open, ThreadState::Resolved));
    assert!(matches!(stale, Err(Error::Conflict)), "{stale:?}");
    let row = read(&store, |tx| tx.comment(CommentId(1))).unwrap();
    assert_eq!((row.state, row.changed_by), (Some(ThreadState::Done), Some(PersonId(7))));
    assert_eq!(row.changed_at, Some(later));
    let (_, _, after) = read(&store, |tx| tx.measure_conversation(TALK));
    assert!(after > before, "a turned thread is another conversation");

    let told = move |person: i64, comment: i64| InboxRow {
        person: PersonId(person),
        conversation: TALK,
        answer: AnswerId(5),
        task,
        project: ProjectId(1),
        comment: CommentId(comment),
        unread: 1,
        told_at: later,
    };
    write(&store, move |tx| {
        tx.add_to_inbox(&told(7, 1))?;
        tx.add_to_inbox(&told(7, 3))?;
        tx.add_to_inbox(&told(3, 2))
    });
    let inbox = |person: i64, at| read(&store, move |tx| tx.inbox(PersonId(person), at, 10));
    assert_eq!(inbox(7, NOW), [], "it is told later");
    assert_eq!(inbox(7, later), [InboxRow { unread: 2, ..told(7, 3) }]);
    let through = move |comment: i64| {
        move |tx: &mut store::Tx<'_>| tx.read_through(PersonId(7), TALK, CommentId(comment))
    };
    write(&store, through(1));
    assert_eq!(inbox(7, later), [InboxRow { unread: 1, ..told(7, 3) }]);
    write(&store, through(3));
    assert_eq!((inbox(7, later), inbox(3, later)), (vec![], vec![told(3, 2)]));
}
