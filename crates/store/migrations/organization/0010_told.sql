-- What the model claimed of a label, before that was calibrated; nothing where no model weighed its answers. How sure a label is told to be follows from it
-- and from what the gold of the project says by then.
alter table label add column claimed double precision constraint label_claimed check (claimed between 0 and 1);
alter table consensus add column claimed double precision constraint consensus_claimed check (claimed between 0 and 1);

-- How sure labels of a project are, by what is claimed of them: one row, as of when its model was last fitted.
create table calibration (
    project_id bigint not null,
    -- Known tasks that it rests on.
    gold       bigint not null,
    -- Levels of labels and of their parts, as JSON: where each begins, and how sure it is.
    levels     text   not null,
    at_ms      bigint not null,
    constraint calibration_pk primary key (project_id),
    constraint calibration_gold check (gold >= 0)
);
