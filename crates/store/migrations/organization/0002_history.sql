-- What happened to one thing: the history of a task and its slots.
create index event_subject on event (subject, id);
