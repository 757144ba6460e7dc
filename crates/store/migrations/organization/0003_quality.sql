-- Labels say how sure they are, by which model, and whether gold stands behind the number.
create table label_before as select * from label;
drop table label;
create table label (
    task_id    bigint not null,
    answer_id  bigint,
    sealed     {blob} not null,
    confidence double precision,
    -- 1 where the confidence was calibrated on gold.
    calibrated bigint not null,
    model      text,
    method     text   not null,
    ontology_version     bigint not null,
    instructions_version bigint not null,
    at_ms      bigint not null,
    constraint label_pk primary key (task_id),
    constraint label_method check (method = 'single' or method = 'agreement' or method = 'adaptive' or method = 'reviewed' or method = 'fixed' or method = 'adjudicated' or method = 'imported'),
    constraint label_confidence check (confidence between 0 and 1),
    constraint label_calibrated check (calibrated = 0 or (calibrated = 1 and confidence is not null))
);
insert into label (task_id, answer_id, sealed, confidence, calibrated, method, ontology_version, instructions_version, at_ms)
select task_id, answer_id, sealed, confidence, 0, method, ontology_version, instructions_version, at_ms from label_before;
drop table label_before;

-- Gold belongs to a project and has a life: it is dealt while it is live.
create table gold_before as select task_id, sealed from gold;
drop table gold;
create table gold (
    task_id       bigint not null,
    project_id    bigint not null,
    sealed        {blob} not null,
    -- Rises when the known answer is put right.
    version       bigint not null,
    state         text   not null,
    looks         bigint not null,
    created_by    bigint not null,
    created_at_ms bigint not null,
    constraint gold_pk primary key (task_id),
    constraint gold_state check (state in ('live', 'leaked', 'retired'))
);
insert into gold (task_id, project_id, sealed, version, state, looks, created_by, created_at_ms)
select g.task_id, t.project_id, g.sealed, 0, 'live', 0, p.created_by, t.created_at_ms
from gold_before g cross join task t cross join project p where t.id = g.task_id and p.id = t.project_id;
drop table gold_before;
create index gold_project on gold (project_id, state, looks, task_id);

-- How an answer compares with what is known.
create table score (
    answer_id  bigint not null,
    task_id    bigint not null,
    project_id bigint not null,
    person_id  bigint not null,
    correct    bigint not null,
    likeness   double precision not null,
    active_ms  bigint not null,
    at_ms      bigint not null,
    constraint score_pk primary key (answer_id),
    constraint score_correct check (correct in (0, 1)),
    constraint score_likeness check (likeness between 0 and 1)
);
create index score_project on score (project_id, answer_id);
create index score_person on score (person_id, project_id, answer_id);
create index score_task on score (task_id, answer_id);

-- A contributor's word against a score, and what became of it.
create table contest (
    answer_id     bigint not null,
    task_id       bigint not null,
    project_id    bigint not null,
    person_id     bigint not null,
    state         text   not null,
    sealed        {blob} not null,
    at_ms         bigint not null,
    decided_by    bigint,
    decided_at_ms bigint,
    constraint contest_pk primary key (answer_id),
    constraint contest_state check (state in ('open', 'upheld', 'overturned')),
    constraint contest_decided check ((state = 'open') = (decided_by is null) and (decided_by is null) = (decided_at_ms is null))
);
create index contest_project on contest (project_id, state, answer_id);
create index answer_votes on answer (project_id, id);
