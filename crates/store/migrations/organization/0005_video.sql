-- Items may be videos, of so many frames. What is checked of an item cannot be altered in place, so its table is made anew.
create table item_before as select * from item;
drop table item;
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
    -- Of a video, how many frames a decoder hands out.
    frames        bigint,
    constraint item_pk primary key (id),
    constraint item_external_id_once unique (project_id, external_id),
    constraint item_media check (media in ('image', 'text', 'cloud', 'video')),
    constraint item_size check (media not in ('image', 'video') or (width is not null and height is not null and address is not null)),
    constraint item_frames check (media <> 'video' or frames > 0)
);
insert into item (id, project_id, external_id, media, address, bytes, width, height, sealed, created_at_ms)
select id, project_id, external_id, media, address, bytes, width, height, sealed, created_at_ms from item_before;
drop table item_before;
