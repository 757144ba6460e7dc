-- Models answer too: people without a login, whose answers are never paid.
create table person_before as select * from person;
drop table person;
create table person (
    id            bigint not null,
    kind          text   not null,
    email         text,
    name          text   not null,
    password_hash text,
    operator      bigint not null,
    state         text   not null,
    created_at_ms bigint not null,
    constraint person_pk primary key (id),
    constraint person_email_once unique (email),
    constraint person_kind check (kind in ('human', 'key', 'pseudonym', 'model')),
    constraint person_state check (state in ('active', 'disabled')),
    constraint person_operator check (operator in (0, 1)),
    constraint person_login check (kind = 'human' or password_hash is null)
);
insert into person (id, kind, email, name, password_hash, operator, state, created_at_ms)
select id, kind, email, name, password_hash, operator, state, created_at_ms from person_before;
drop table person_before;
