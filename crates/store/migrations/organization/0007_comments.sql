-- What is said about answers, in threads. A conversation is that of one slot and one contributor.
create table comment (
    id             bigint not null,
    submission     text   not null,
    -- The comment that began the thread; its own id of one that begins.
    thread_id      bigint not null,
    answer_id      bigint not null,
    slot_id        bigint not null,
    task_id        bigint not null,
    project_id     bigint not null,
    contributor_id bigint not null,
    person_id      bigint not null,
    -- Of the thread, told by the comment that began it.
    state          text,
    sealed         {blob} not null,
    digest         text   not null,
    at_ms          bigint not null,
    changed_by     bigint,
    changed_at_ms  bigint,
    -- Rises when the thread is turned to another state.
    version        bigint not null,
    constraint comment_pk primary key (id),
    constraint comment_submission_once unique (submission),
    constraint comment_state check (state = 'open' or state = 'done' or state = 'resolved'),
    constraint comment_begins check ((id = thread_id) = (state is not null)),
    constraint comment_changed check ((changed_by is null) = (changed_at_ms is null))
);
create index comment_conversation on comment (slot_id, contributor_id, id);
create index comment_task on comment (task_id, id);

-- What a person has not read yet, by conversation.
create table inbox (
    person_id      bigint not null,
    slot_id        bigint not null,
    contributor_id bigint not null,
    answer_id      bigint not null,
    task_id        bigint not null,
    project_id     bigint not null,
    comment_id     bigint not null,
    unread         bigint not null,
    -- From when on it is told: of gold, no sooner than the score.
    told_at_ms     bigint not null,
    constraint inbox_pk primary key (person_id, slot_id, contributor_id),
    constraint inbox_unread check (unread >= 0)
);
create index inbox_waiting on inbox (person_id, comment_id) where unread > 0;
