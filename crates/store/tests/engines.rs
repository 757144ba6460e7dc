//! The engine suite: whatever one engine does, the other does too.
//!
//! Every statement of the store is prepared on both; every test below the macro runs on both.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[path = "support/postgres.rs"]
mod postgres_server;
mod engines {
    pub mod commands;
    pub mod comments;
    pub mod constraints;
    pub mod place;
    pub mod round_trips;
    pub mod statements;
}

use engines::{commands, comments, constraints, place::Place, round_trips, statements};

macro_rules! on_both {
    ($($module:ident :: $name:ident),* $(,)?) => {
        mod sqlite { $(
            #[test]
            fn $name() { super::$module::$name(&super::Place::sqlite()) }
        )* }
        mod postgres { $(
            #[test]
            fn $name() { super::$module::$name(&super::Place::postgres()) }
        )* }
    };
}

on_both!(
    commands::a_change_without_a_record_is_refused,
    commands::a_panic_hurts_nobody_else,
    commands::a_reader_sees_one_moment,
    commands::a_refused_command_leaves_its_group_alone,
    commands::a_second_start_finds_everything,
    commands::conflicts_are_run_again,
    commands::events_are_numbered_without_gaps,
    commands::relays_side_by_side_take_effect_once,
    commands::two_organizations_with_equal_ids_see_nothing_of_each_other,
    comments::comments_and_inboxes,
    constraints::bad_rows_are_refused_by_name,
    round_trips::answers_reviews_and_labels,
    round_trips::gold_scores_and_contests,
    round_trips::idempotency,
    round_trips::items_and_tasks,
    round_trips::models_and_suggestions,
    round_trips::keys_are_destroyed_for_good,
    round_trips::money,
    round_trips::people,
    round_trips::projects,
    round_trips::slots_leases_and_drafts,
    round_trips::the_order_of_the_queue,
);

#[test]
fn every_statement_means_the_same_on_both() {
    statements::compare(&Place::sqlite(), &Place::postgres());
}
