-- What the answers of a task say together, where none of them may say it: what a reviewer was shown, and what a label was made of.
create table consensus (
    task_id       bigint not null,
    -- The answer that comes nearest to it.
    answer_id     bigint not null,
    sealed        {blob} not null,
    confidence    double precision,
    calibrated    bigint not null,
    model         text,
    at_ms         bigint not null,
    constraint consensus_pk primary key (task_id),
    constraint consensus_confidence check (confidence between 0 and 1),
    constraint consensus_calibrated check (calibrated = 0 or (calibrated = 1 and confidence is not null))
);

-- 1 where a label is the consensus, and no one answer.
alter table label add column fused bigint not null default 0 constraint label_fused check (fused = 0 or (fused = 1 and answer_id is null));
