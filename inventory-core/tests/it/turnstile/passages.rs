//! What an attempt has to mind, from what it finds.

use inventory_core::Version;
use inventory_core::turnstile::{Attempt, Passage, Turnstile};
use jiff::Timestamp;

fn at(second: u8) -> Timestamp {
    Timestamp::from_second(second.into()).unwrap()
}

fn version(second: u8) -> Version {
    Version::new(at(second), "01")
}

fn attempt(upload: u8, deadline: u8) -> Attempt {
    Attempt::new(version(upload), at(deadline), "id")
}

/// What an attempt at the upload of second 50 has to mind, at second 100.
fn pass(active: Vec<Attempt>, recent: impl IntoIterator<Item = u8>) -> Passage {
    Turnstile { active, recent: recent.into_iter().map(version).collect(), claims: 0 }
        .pass(&version(50), at(100))
}

#[test]
fn alone_it_minds_nobody() {
    let passage = pass(vec![], [10, 20, 50]);
    assert!(passage.may_skip);
    assert_eq!((passage.newer.len(), passage.dead.len(), passage.forgotten.len()), (0, 0, 0));
    assert_eq!(passage.outdated, None);
}

#[test]
fn only_an_older_upload_at_work_keeps_it_from_skipping() {
    assert!(!pass(vec![attempt(49, 101)], []).may_skip);
    assert!(pass(vec![attempt(51, 101)], []).may_skip, "a newer one minds it");
    assert!(pass(vec![attempt(50, 101)], []).may_skip, "another try says the same");
}

#[test]
fn at_its_deadline_an_attempt_is_dead_and_taken_out() {
    let passage = pass(vec![attempt(49, 100), attempt(51, 99)], []);
    assert!(passage.may_skip);
    assert_eq!(passage.dead, [attempt(49, 100), attempt(51, 99)]);
}

#[test]
fn it_rebases_on_every_newer_upload_that_is_remembered() {
    assert_eq!(pass(vec![], [10, 60, 50, 70]).newer, [version(60), version(70)]);
}

#[test]
fn the_newest_32_are_remembered() {
    assert_eq!(pass(vec![], 1..=31).forgotten, []);
    assert_eq!(pass(vec![], 1..=32).forgotten, [version(1)]);
    assert_eq!(pass(vec![], 19..=50).forgotten, [], "it is one of them");
    assert_eq!(pass(vec![], 60..=91).forgotten, [version(50)]);
    assert_eq!(pass(vec![], 1..=40).forgotten, (1..=9).map(version).collect::<Vec<_>>());
}

#[test]
fn what_somebody_inside_may_have_to_mind_is_not_forgotten() {
    let older = |deadline| pass(vec![attempt(5, deadline)], 1..=40).forgotten;
    assert_eq!(older(101), (1..=5).map(version).collect::<Vec<_>>());
    assert_eq!(older(100), (1..=9).map(version).collect::<Vec<_>>(), "it is dead");
}

#[test]
fn it_missed_the_newer_uploads_that_it_did_not_know_of() {
    let turnstile = Turnstile { active: vec![], recent: [10, 50, 60, 70].map(version).to_vec(), claims: 0 };
    assert_eq!(turnstile.missed(&version(50), &[version(60)]), [version(70)]);
    assert_eq!(turnstile.missed(&version(50), &[version(60), version(70)]), []);
}

#[test]
fn older_than_all_of_32_it_is_outdated() {
    assert_eq!(pass(vec![], 60..=91).outdated, Some(version(91)));
    assert_eq!(pass(vec![], 60..=90).outdated, None, "all that was ever there is still there");
    let mut recent: Vec<u8> = (60..=91).collect();
    recent.push(49);
    assert_eq!(pass(vec![], recent).outdated, None, "whatever is newer than it is still there");
}
