//! Commands, groups, conflicts, events: what a store promises whoever calls it.

use super::place::{NOW, ORGANIZATION, Place, RIVAL, read, write};
use super::round_trips::{a_project, an_item};
use domain::ledger::Transfer;
use domain::people::Mode;
use domain::{PersonId, ProjectId};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering::SeqCst};
use std::time::{Duration, Instant};
use store::{Error, Store};

pub fn a_change_without_a_record_is_refused(place: &Place) {
    let store = place.store();
    let silent = store.write_now(|tx| tx.insert_project(&a_project(1, "silent")));
    assert!(matches!(silent, Err(Error::Silent)), "{silent:?}");
    assert_eq!(read(&store, |tx| tx.project(ProjectId(1))), None);
    // What is no news needs no record.
    let quiet = store.write_now(|tx| tx.save_idempotent("scope", "key", "hash", b"answer", NOW));
    assert!(quiet.is_ok(), "{quiet:?}");
    assert!(read(&store, |tx| tx.idempotent("scope", "key")).is_some());
}

pub fn a_refused_command_leaves_its_group_alone(place: &Place) {
    let store = place.store();
    let threads: Vec<_> = (1..=24)
        .map(|number| {
            let store = store.clone();
            std::thread::spawn(move || {
                store.write_now(move |tx| {
                    tx.insert_project(&a_project(number, &format!("project {number}")))?;
                    tx.record(NOW, "test", "project.created", number, json!({}));
                    // Every third thinks better of it once it has written.
                    if number % 3 == 0 { Err(Error::NoOrganization) } else { Ok(()) }
                })
            })
        })
        .collect();
    let kept: Vec<bool> =
        threads.into_iter().map(|thread| thread.join().unwrap().is_ok()).collect();
    for (number, kept) in (1..).zip(kept) {
        assert_eq!(kept, number % 3 != 0, "command {number}");
        assert_eq!(
            read(&store, move |tx| tx.project(ProjectId(number))).is_some(),
            kept,
            "command {number}"
        );
    }
    assert_eq!(wait_for_events(&store, 16), 16);
}

pub fn a_panic_hurts_nobody_else(place: &Place) {
    let store = place.store();
    let threads: Vec<_> = (1..=8)
        .map(|number| {
            let store = store.clone();
            std::thread::spawn(move || {
                store.write_now(move |tx| {
                    tx.insert_project(&a_project(number, &format!("project {number}")))?;
                    tx.record(NOW, "test", "project.created", number, json!({}));
                    assert!(number != 5, "the fifth command panics, as it should");
                    Ok::<_, Error>(())
                })
            })
        })
        .collect();
    let fine =
        threads.into_iter().map(|thread| thread.join().unwrap()).filter(Result::is_ok).count();
    assert_eq!(fine, 7);
    assert_eq!(read(&store, |tx| tx.project(ProjectId(5))), None);
    write(&store, |tx| tx.insert_project(&a_project(9, "after the panic")));
}

pub fn conflicts_are_run_again(place: &Place) {
    let store = place.store();
    write(&store, |tx| tx.insert_project(&a_project(1, "contended")));
    let tries = Arc::new(AtomicU32::new(0));
    let threads: Vec<_> = (0..3)
        .map(|_| {
            let (store, tries) = (store.clone(), Arc::clone(&tries));
            std::thread::spawn(move || {
                for _ in 0..10 {
                    let tries = Arc::clone(&tries);
                    let saved = store.write_now(move |tx| {
                        tries.fetch_add(1, SeqCst);
                        let before = tx.project(ProjectId(1))?.ok_or(Error::NoOrganization)?;
                        let mut after = before.clone();
                        after.version += 1;
                        tx.save_project(before.version, &after)?;
                        tx.record(NOW, "test", "project.changed", 1, json!({}));
                        Ok::<_, Error>(())
                    });
                    assert!(saved.is_ok(), "{saved:?}");
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(read(&store, |tx| tx.project(ProjectId(1))).unwrap().version, 31);
    assert!(tries.load(SeqCst) >= 30);
}

pub fn events_are_numbered_without_gaps(place: &Place) {
    let store = place.store();
    let next = Arc::new(AtomicI64::new(1));
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let (store, next) = (store.clone(), Arc::clone(&next));
            std::thread::spawn(move || {
                for round in 0..40 {
                    let number = next.fetch_add(1, SeqCst);
                    let done = store.write_now(move |tx| {
                        for part in 0..1 + round % 3 {
                            tx.record(
                                NOW,
                                PersonId(number),
                                "test.happened",
                                number,
                                json!({ "part": part }),
                            );
                        }
                        if round % 5 == 4 { Err(Error::NoOrganization) } else { Ok(()) }
                    });
                    assert_eq!(done.is_ok(), round % 5 != 4);
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    let wanted: i64 =
        8 * (0..40).filter(|round| round % 5 != 4).map(|round| 1 + round % 3).sum::<i64>();
    assert_eq!(wait_for_events(&store, wanted), wanted);
    assert_eq!(read(&store, |tx| tx.count_events("test.happened")), wanted);
    // Read in pages, each event comes once and none is passed over.
    let seen = read(&store, |tx| {
        let (mut seen, mut last) = (Vec::new(), 0);
        loop {
            let page = tx.events_after(last)?;
            let Some(event) = page.last() else { return Ok(seen) };
            last = event.seq;
            seen.extend(page.into_iter().map(|event| event.seq));
        }
    });
    assert_eq!(seen, (1..=wanted).collect::<Vec<_>>());
}

/// Waits until so many events are numbered, verifies the chain and answers its length.
fn wait_for_events(store: &Store, wanted: i64) -> i64 {
    let patience = Instant::now() + Duration::from_secs(10);
    loop {
        let (head, told) = read(store, |tx| Ok((tx.verify_events()?, tx.event_head()?)));
        assert_eq!(head, told);
        if head.seq >= wanted || Instant::now() > patience {
            return head.seq;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

pub fn relays_side_by_side_take_effect_once(place: &Place) {
    let (store, control) = (place.store(), place.control().clone());
    for number in 0..60 {
        write(&store, move |tx| {
            tx.record(NOW, PersonId(1), "slot.answered", number, json!({}));
            Ok(())
        });
    }
    wait_for_events(&store, 120);
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let (store, control) = (store.clone(), control.clone());
            std::thread::spawn(move || {
                loop {
                    let store = store.clone();
                    let more = control.write_now(move |tx| {
                        let seq = tx.relayed("organization")?;
                        let events = store.read_now(move |tx| tx.events_after(seq))?;
                        // A few at a time, so that the relays meet.
                        let Some(last) = events.iter().take(7).next_back() else {
                            return Ok::<_, Error>(false);
                        };
                        for event in
                            events.iter().take(7).filter(|event| event.kind == "slot.answered")
                        {
                            tx.post(&a_transfer(&event.subject), ORGANIZATION, NOW)?;
                        }
                        tx.set_relayed("organization", last.seq)?;
                        tx.record(NOW, "relay", "transfers.posted", "organization", json!({}));
                        Ok(true)
                    });
                    if !more.unwrap() {
                        return;
                    }
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(read(&control, |tx| tx.count_transfers()), 60);
    assert_eq!(read(&control, |tx| tx.audit_ledger()), (0, 0));
    assert_eq!(read(&control, |tx| tx.balances("earnings:per")), [("EUR".into(), 60 * 5)]);
    // An old relay that comes late does not turn the mark back.
    write(&control, |tx| tx.set_relayed("organization", 3));
    assert_eq!(control.write_now(|tx| tx.relayed("organization")).unwrap(), 120);
}

fn a_transfer(cause: &str) -> Transfer {
    Transfer {
        id: format!("pay:{cause}"),
        debit: "wages:prj".into(),
        credit: "earnings:per".into(),
        amount_minor: 5,
        currency: "EUR".into(),
    }
}

pub fn a_reader_sees_one_moment(place: &Place) {
    let store = place.store();
    write(&store, |tx| tx.insert_project(&a_project(1, "counted")));
    let done = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let writer = {
        let (store, done) = (store.clone(), Arc::clone(&done));
        std::thread::spawn(move || {
            for number in 0..60 {
                write(&store, move |tx| {
                    tx.insert_items(ProjectId(1), &[an_item(&format!("item {number}"))], NOW)
                });
            }
            done.store(true, SeqCst);
        })
    };
    while !done.load(SeqCst) {
        let (counted, real) =
            read(&store, |tx| Ok((tx.counts(ProjectId(1))?, tx.recount(ProjectId(1))?)));
        assert_eq!(counted, real);
    }
    writer.join().unwrap();
}

pub fn a_second_start_finds_everything(place: &Place) {
    write(&place.store(), |tx| tx.insert_project(&a_project(1, "kept")));
    let again = place.again();
    again.create_organization(ORGANIZATION, NOW).unwrap();
    let store = again.access_for_job(place.access(ORGANIZATION).actor()).unwrap().store().clone();
    assert_eq!(read(&store, |tx| tx.project_by_name(Mode::Live, "kept")).unwrap().id, ProjectId(1));
    again.close();
}

pub fn two_organizations_with_equal_ids_see_nothing_of_each_other(place: &Place) {
    let (own, rival) = (place.store(), place.access(RIVAL).store().clone());
    for (store, name) in [(&own, "ours"), (&rival, "theirs")] {
        write(store, move |tx| {
            tx.insert_project(&a_project(1, name))?;
            tx.insert_items(ProjectId(1), &[an_item(name)], NOW)
        });
    }
    for (store, name, other) in [(&own, "ours", "theirs"), (&rival, "theirs", "ours")] {
        assert_eq!(read(store, |tx| tx.project(ProjectId(1))).unwrap().name, name);
        let items = read(store, |tx| tx.items(ProjectId(1), domain::ItemId(0), 10));
        assert_eq!(items.iter().map(|item| item.external_id.as_str()).collect::<Vec<_>>(), [name]);
        assert_eq!(read(store, move |tx| tx.item_by_external_id(ProjectId(1), other)), None);
    }
}
