-- The control store: people, organizations, sessions, keys of the door, money.
-- Portable on purpose: text, bigint, double and blob only; times are milliseconds since 1970 (UTC).

create table setting (
    name  text not null,
    value text not null,
    constraint setting_pk primary key (name)
);

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
    constraint person_kind check (kind in ('human', 'key', 'pseudonym')),
    constraint person_state check (state in ('active', 'disabled')),
    constraint person_operator check (operator in (0, 1)),
    constraint person_login check (kind = 'human' or password_hash is null)
);

create table organization (
    id            bigint not null,
    name          text   not null,
    state         text   not null,
    created_at_ms bigint not null,
    constraint organization_pk primary key (id),
    constraint organization_name_once unique (name),
    constraint organization_state check (state in ('active', 'closed'))
);

create table membership (
    organization_id bigint not null,
    person_id       bigint not null,
    role            text   not null,
    joined_at_ms    bigint not null,
    constraint membership_pk primary key (organization_id, person_id),
    constraint membership_role check (role in ('owner', 'manager', 'reviewer', 'contributor', 'viewer'))
);
create index membership_person on membership (person_id);

create table session (
    id              bigint not null,
    token_hash      {blob} not null,
    person_id       bigint not null,
    organization_id bigint,
    device          text   not null,
    created_at_ms   bigint not null,
    seen_at_ms      bigint not null,
    expires_at_ms   bigint not null,
    constraint session_pk primary key (id),
    constraint session_token_once unique (token_hash)
);
create index session_person on session (person_id);

create table api_key (
    id              bigint not null,
    organization_id bigint not null,
    person_id       bigint not null,
    name            text   not null,
    secret_hash     {blob} not null,
    hint            text   not null,
    mode            text   not null,
    role            text   not null,
    created_by      bigint not null,
    created_at_ms   bigint not null,
    used_at_ms      bigint,
    revoked_at_ms   bigint,
    constraint api_key_pk primary key (id),
    constraint api_key_secret_once unique (secret_hash),
    constraint api_key_mode check (mode in ('live', 'test')),
    constraint api_key_role check (role in ('owner', 'manager', 'reviewer', 'contributor', 'viewer'))
);
create index api_key_organization on api_key (organization_id);

create table invitation (
    id              bigint not null,
    organization_id bigint not null,
    email           text   not null,
    role            text   not null,
    token_hash      {blob} not null,
    invited_by      bigint not null,
    created_at_ms   bigint not null,
    expires_at_ms   bigint not null,
    accepted_at_ms  bigint,
    revoked_at_ms   bigint,
    constraint invitation_pk primary key (id),
    constraint invitation_token_once unique (token_hash),
    constraint invitation_role check (role in ('owner', 'manager', 'reviewer', 'contributor', 'viewer')),
    constraint invitation_one_end check (accepted_at_ms is null or revoked_at_ms is null)
);
create index invitation_organization on invitation (organization_id);

create table transfer (
    id              text   not null,
    debit           text   not null,
    credit          text   not null,
    amount_minor    bigint not null,
    currency        text   not null,
    organization_id bigint not null,
    at_ms           bigint not null,
    constraint transfer_pk primary key (id),
    constraint transfer_moves check (amount_minor > 0),
    constraint transfer_two_accounts check (debit <> credit)
);

create table account (
    name          text   not null,
    currency      text   not null,
    balance_minor bigint not null,
    constraint account_pk primary key (name, currency)
);

-- How far the events of each other store have taken effect here.
create table relay (
    source text   not null,
    seq    bigint not null,
    constraint relay_pk primary key (source)
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

