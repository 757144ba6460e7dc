-- Models that suggest: who they are, how they are reached (sealed), and how they were when last asked.
create table backend (
    id            bigint not null,
    project_id    bigint not null,
    name          text   not null,
    kind          text   not null,
    sealed        {blob} not null,
    state         text   not null,
    model_version text,
    problem       text,
    checked_at_ms bigint,
    version       bigint not null,
    created_by    bigint not null,
    created_at_ms bigint not null,
    constraint backend_pk primary key (id),
    constraint backend_name_once unique (project_id, name),
    constraint backend_kind check (kind in ('label_studio', 'local')),
    constraint backend_state check (state in ('unknown', 'up', 'down'))
);

-- Which model a suggestion is of, and how sure it was of each object; nothing where it came with the data.
alter table suggestion add column backend_id bigint;
alter table suggestion add column model text;
alter table suggestion add column scores {blob};

-- What a model suggested to somebody who asked it about their task.
create table prompted (
    id         bigint not null,
    task_id    bigint not null,
    slot_id    bigint not null,
    person_id  bigint not null,
    backend_id bigint not null,
    model      text   not null,
    sealed     {blob} not null,
    at_ms      bigint not null,
    constraint prompted_pk primary key (id)
);
create index prompted_task on prompted (task_id, id);
