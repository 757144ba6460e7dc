-- What people keep for themselves: how they look at lists and at their work.
create table kept (
    id        bigint not null,
    person_id bigint not null,
    -- Chosen by the caller; what is kept under it is sealed.
    entry     text   not null,
    sealed    {blob} not null,
    version   bigint not null,
    at_ms     bigint not null,
    constraint kept_pk primary key (id),
    constraint kept_entry_once unique (person_id, entry)
);
