-- Of an item of several pictures of one moment, how many they are; its size and its file are those of the first.
alter table item add column cameras bigint;
