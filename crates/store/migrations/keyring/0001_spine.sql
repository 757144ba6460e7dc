-- The keys of the organizations, wrapped under the root key. Backups leave this store out: a
-- destroyed key stays destroyed, whatever is restored.

create table organization_key (
    organization_id bigint not null,
    version         bigint not null,
    root_id         text   not null,
    wrapped         {blob} not null,
    created_at_ms   bigint not null,
    constraint organization_key_pk primary key (organization_id, version)
);

create table destroyed_key (
    organization_id bigint not null,
    at_ms           bigint not null,
    constraint destroyed_key_pk primary key (organization_id)
);
