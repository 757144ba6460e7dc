-- The store of one organization: all that the customer brought or made.
-- Portable on purpose: text, bigint, double and blob only; times are milliseconds since 1970 (UTC).
-- Columns named `sealed` hold ciphertext under the organization's key.
-- Where rows change often, a check spells its alternatives out: of a list, SQLite makes a table of its
-- own, anew for every statement.

create table project (
    id                   bigint not null,
    name                 text   not null,
    template             text   not null,
    question             text   not null,
    plan                 text   not null,
    state                text   not null,
    mode                 text   not null,
    version              bigint not null,
    ontology_version     bigint not null,
    instructions_version bigint not null,
    created_by           bigint not null,
    created_at_ms        bigint not null,
    constraint project_pk primary key (id),
    constraint project_name_once unique (mode, name),
    constraint project_state check (state in ('draft', 'published', 'paused', 'archived')),
    constraint project_mode check (mode in ('live', 'test'))
);

-- Counters, in shards so that writers side by side do not wait for one row.
create table project_count (
    project_id  bigint not null,
    shard       bigint not null,
    queued      bigint not null,
    in_progress bigint not null,
    in_review   bigint not null,
    done        bigint not null,
    canceled    bigint not null,
    error       bigint not null,
    answers     bigint not null,
    wanted      bigint not null,
    constraint project_count_pk primary key (project_id, shard)
);

create table ontology (
    project_id    bigint not null,
    version       bigint not null,
    sealed        {blob} not null,
    created_by    bigint not null,
    created_at_ms bigint not null,
    constraint ontology_pk primary key (project_id, version)
);

create table instructions (
    project_id    bigint not null,
    version       bigint not null,
    sealed        {blob} not null,
    created_by    bigint not null,
    created_at_ms bigint not null,
    constraint instructions_pk primary key (project_id, version)
);

create table picture (
    project_id    bigint not null,
    address       text   not null,
    mime          text   not null,
    width         bigint not null,
    height        bigint not null,
    created_at_ms bigint not null,
    constraint picture_pk primary key (project_id, address)
);
create index picture_address on picture (address);

create table item (
    id            bigint not null,
    project_id    bigint not null,
    external_id   text   not null,
    media         text   not null,
    address       text,
    bytes         bigint not null,
    width         bigint,
    height        bigint,
    sealed        {blob} not null,
    created_at_ms bigint not null,
    constraint item_pk primary key (id),
    constraint item_external_id_once unique (project_id, external_id),
    constraint item_media check (media in ('image', 'text')),
    constraint item_size check ((media = 'image') = (width is not null and height is not null and address is not null))
);

-- Pictures made of an item's picture: thumb, preview, full, and tiles as `tile/{level}/{col}/{row}`.
create table rendition (
    item_id bigint not null,
    kind    text   not null,
    address text   not null,
    mime    text   not null,
    constraint rendition_pk primary key (item_id, kind)
);

create table task (
    id            bigint not null,
    project_id    bigint not null,
    item_id       bigint not null,
    state         text   not null,
    stage         text   not null,
    -- 9 less the priority, so that the most urgent task comes first in the index.
    rank          bigint not null,
    overlap       bigint not null,
    -- Slots of the present stage that wait for somebody.
    open          bigint not null,
    -- 1 when a slot came back behind the cursors of those who went past it.
    again         bigint not null,
    answers       bigint not null,
    agreement     double precision,
    gold          bigint not null,
    version       bigint not null,
    created_at_ms bigint not null,
    updated_at_ms bigint not null,
    constraint task_pk primary key (id),
    constraint task_item_once unique (item_id),
    constraint task_state check (state = 'queued' or state = 'in_progress' or state = 'in_review' or state = 'done' or state = 'canceled' or state = 'error'),
    constraint task_stage check (stage = 'label' or stage = 'review' or stage = 'adjudicate'),
    constraint task_rank check (rank between 0 and 9),
    constraint task_overlap check (overlap between 1 and 20),
    constraint task_open check (open between 0 and 20),
    constraint task_waits check (open = 0 or state = 'queued' or state = 'in_progress' or state = 'in_review'),
    constraint task_again check (again in (0, 1)),
    constraint task_gold check (gold in (0, 1))
);
create index task_queue on task (project_id, stage, again, rank, id) where open > 0;
create index task_state on task (project_id, state, id);
create index task_project on task (project_id, id);

create table slot (
    id            bigint not null,
    task_id       bigint not null,
    project_id    bigint not null,
    stage         text   not null,
    ordinal       bigint not null,
    fence         bigint not null,
    state         text   not null,
    holder        bigint,
    until_ms      bigint,
    reserved_for  bigint,
    submission    text,
    digest        text,
    claimed_at_ms bigint not null,
    constraint slot_pk primary key (id),
    constraint slot_once unique (task_id, stage, ordinal),
    constraint slot_state check (state = 'free' or state = 'held' or state = 'answered' or state = 'closed'),
    constraint slot_stage check (stage = 'label' or stage = 'review' or stage = 'adjudicate'),
    -- What the Rust type says, the table says too: whichever is wrong, the other stops it.
    constraint slot_holder check (state in ('free', 'closed') or holder is not null),
    constraint slot_until check ((state = 'held') = (until_ms is not null)),
    constraint slot_answered check ((state = 'answered') = (submission is not null and digest is not null))
);
create index slot_holder on slot (holder, project_id) where state = 'held';
create index slot_until on slot (project_id, stage, until_ms) where state = 'held';
create index slot_reserved on slot (reserved_for, project_id) where state = 'free' and reserved_for is not null;

-- Who has had which task in hand: nobody is given one twice (I11).
create table touch (
    task_id   bigint not null,
    person_id bigint not null,
    stage     text   not null,
    kind      text   not null,
    at_ms     bigint not null,
    constraint touch_pk primary key (task_id, person_id, stage),
    constraint touch_kind check (kind = 'held' or kind = 'answered' or kind = 'skipped')
);

-- Up to where a person has gone through a project's queue, so that the next task is found at once.
create table cursor (
    person_id  bigint not null,
    project_id bigint not null,
    stage      text   not null,
    rank       bigint not null,
    task_id    bigint not null,
    constraint cursor_pk primary key (person_id, project_id, stage, rank)
);

create table answer (
    id                   bigint not null,
    submission           text   not null,
    slot_id              bigint not null,
    task_id              bigint not null,
    project_id           bigint not null,
    person_id            bigint not null,
    stage                text   not null,
    state                text   not null,
    sealed               {blob} not null,
    digest               text   not null,
    active_ms            bigint not null,
    ontology_version     bigint not null,
    instructions_version bigint not null,
    submitted_at_ms      bigint not null,
    constraint answer_pk primary key (id),
    constraint answer_submission_once unique (submission),
    constraint answer_stage check (stage = 'label' or stage = 'review' or stage = 'adjudicate'),
    constraint answer_state check (state = 'standing' or state = 'superseded' or state = 'rejected')
);
create index answer_task on answer (task_id);
create index answer_person on answer (person_id, submitted_at_ms);
create index answer_project on answer (project_id, submitted_at_ms);

create table review (
    id           bigint not null,
    submission   text   not null,
    slot_id      bigint not null,
    task_id      bigint not null,
    answer_id    bigint not null,
    reviewer_id  bigint not null,
    verdict      text   not null,
    clause       text,
    sealed       {blob} not null,
    fixed_id     bigint,
    active_ms    bigint not null,
    at_ms        bigint not null,
    constraint review_pk primary key (id),
    constraint review_submission_once unique (submission),
    constraint review_verdict check (verdict in ('accept', 'fix', 'reject')),
    constraint review_fix check ((verdict = 'fix') = (fixed_id is not null))
);
create index review_task on review (task_id);
create index review_answer on review (answer_id);

create table skip (
    task_id   bigint not null,
    person_id bigint not null,
    slot_id   bigint not null,
    reason    text   not null,
    sealed    {blob} not null,
    at_ms     bigint not null,
    constraint skip_pk primary key (task_id, person_id)
);

create table label (
    task_id    bigint not null,
    answer_id  bigint,
    sealed     {blob} not null,
    confidence double precision,
    method     text   not null,
    ontology_version     bigint not null,
    instructions_version bigint not null,
    at_ms      bigint not null,
    constraint label_pk primary key (task_id),
    constraint label_method check (method in ('single', 'agreement', 'reviewed', 'fixed', 'adjudicated', 'imported'))
);

-- Answers that came with the data and are shown as a beginning.
create table suggestion (
    task_id bigint not null,
    sealed  {blob} not null,
    constraint suggestion_pk primary key (task_id)
);

-- The known answers of gold tasks.
create table gold (
    task_id bigint not null,
    sealed  {blob} not null,
    constraint gold_pk primary key (task_id)
);

create table draft (
    slot_id     bigint not null,
    person_id   bigint not null,
    device      text   not null,
    seq         bigint not null,
    sealed      {blob} not null,
    saved_at_ms bigint not null,
    constraint draft_pk primary key (slot_id, person_id)
);

create table upload (
    id            bigint not null,
    project_id    bigint not null,
    external_id   text   not null,
    bytes         bigint not null,
    received      bigint not null,
    state         text   not null,
    sealed        {blob} not null,
    item_id       bigint,
    address       text,
    problem       text,
    created_by    bigint not null,
    created_at_ms bigint not null,
    updated_at_ms bigint not null,
    constraint upload_pk primary key (id),
    constraint upload_once unique (project_id, external_id, bytes),
    constraint upload_state check (state in ('open', 'done', 'refused')),
    constraint upload_received check (received between 0 and bytes)
);

create table job (
    id             bigint not null,
    project_id     bigint,
    kind           text   not null,
    state          text   not null,
    done           bigint not null,
    total          bigint,
    bad            bigint not null,
    message        text,
    sealed         {blob} not null,
    -- How far it has come, in its own words: from here it goes on after a restart.
    checkpoint     {blob},
    result         text,
    cancel         bigint not null,
    lease_until_ms bigint,
    attempts       bigint not null,
    created_by     bigint not null,
    created_at_ms  bigint not null,
    started_at_ms  bigint,
    finished_at_ms bigint,
    constraint job_pk primary key (id),
    constraint job_state check (state in ('queued', 'running', 'done', 'failed', 'canceled')),
    constraint job_lease check ((state = 'running') = (lease_until_ms is not null)),
    constraint job_cancel check (cancel in (0, 1))
);
create index job_waiting on job (id) where state in ('queued', 'running');
create index job_project on job (project_id, id);

create table job_error (
    job_id  bigint not null,
    number  bigint not null,
    sealed  {blob} not null,
    constraint job_error_pk primary key (job_id, number)
);

create table release (
    id            bigint not null,
    project_id    bigint not null,
    number        bigint not null,
    name          text   not null,
    formats       text   not null,
    state         text   not null,
    job_id        bigint not null,
    tasks         bigint not null,
    event_seq     bigint not null,
    loss          text,
    created_by    bigint not null,
    created_at_ms bigint not null,
    constraint release_pk primary key (id),
    constraint release_number_once unique (project_id, number),
    constraint release_state check (state in ('making', 'done', 'failed', 'canceled'))
);

create table release_file (
    release_id bigint not null,
    name       text   not null,
    address    text   not null,
    bytes      bigint not null,
    sha256     text   not null,
    constraint release_file_pk primary key (release_id, name)
);

create table event (
    id      bigint not null,
    seq     bigint,
    at_ms   bigint not null,
    actor   text   not null,
    kind    text   not null,
    subject text   not null,
    detail  text   not null,
    hash    {blob},
    constraint event_pk primary key (id),
    constraint event_numbered check ((seq is null) = (hash is null))
);
create unique index event_seq on event (seq);
create index event_unnumbered on event (id) where seq is null;

-- What a call that bears an Idempotency-Key was answered.
create table idempotency (
    scope        text   not null,
    key          text   not null,
    request_hash text   not null,
    status       bigint not null,
    body         {blob} not null,
    at_ms        bigint not null,
    constraint idempotency_pk primary key (scope, key)
);
create index idempotency_at on idempotency (at_ms);

