//! Comments on answers, and who has not read them yet.

use crate::engine::{Row, Tx, params, sql};
use crate::{Error, Result};
use domain::comments::{Pin, ThreadState};
use domain::{AnswerId, CommentId, PersonId, ProjectId, SlotId, SubmissionId, TaskId, Timestamp};
use serde::{Deserialize, Serialize};

/// Whom a conversation is about: the contributor of the answers of one slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conversation {
    pub slot: SlotId,
    pub contributor: PersonId,
}

#[derive(Clone, Debug, PartialEq)]
pub struct CommentRow {
    pub id: CommentId,
    pub submission: String,
    /// The comment that began the thread.
    pub thread: CommentId,
    pub answer: AnswerId,
    pub conversation: Conversation,
    pub task: TaskId,
    pub project: ProjectId,
    pub person: PersonId,
    /// Of the comment that began the thread: how the thread stands.
    pub state: Option<ThreadState>,
    pub text: String,
    pub pin: Pin,
    pub digest: String,
    pub at: Timestamp,
    pub changed_by: Option<PersonId>,
    pub changed_at: Option<Timestamp>,
}

impl CommentRow {
    pub fn begins(&self) -> bool {
        self.id == self.thread
    }
}

/// A conversation in which a person has something to read.
#[derive(Clone, Debug, PartialEq)]
pub struct InboxRow {
    pub person: PersonId,
    pub conversation: Conversation,
    /// The answer that was last spoken of.
    pub answer: AnswerId,
    pub task: TaskId,
    pub project: ProjectId,
    /// The last comment.
    pub comment: CommentId,
    pub unread: i64,
    pub told_at: Timestamp,
}

/// What of a comment is sealed.
#[derive(Serialize, Deserialize)]
pub(crate) struct Said {
    pub(crate) text: String,
    #[serde(default)]
    pub(crate) pin: Pin,
}

pub(crate) const COMMENT: &str =
    "id, submission, thread_id, answer_id, slot_id, contributor_id, task_id, project_id, person_id,
    state, digest, at_ms, changed_by, changed_at_ms, sealed";

pub(crate) type Sealed = (CommentRow, Vec<u8>);

pub(crate) fn read(row: &Row<'_>) -> Result<Sealed> {
    let state: Option<String> = row.get(9)?;
    let state = state
        .map(|state| state.parse().map_err(|()| Error::Corrupt { what: "thread", value: state }))
        .transpose()?;
    let comment = CommentRow {
        id: row.get(0)?,
        submission: row.get(1)?,
        thread: row.get(2)?,
        answer: row.get(3)?,
        conversation: Conversation { slot: row.get(4)?, contributor: row.get(5)? },
        task: row.get(6)?,
        project: row.get(7)?,
        person: row.get(8)?,
        state,
        text: String::new(),
        pin: Pin::default(),
        digest: row.get(10)?,
        at: row.get(11)?,
        changed_by: row.get(12)?,
        changed_at: row.get(13)?,
    };
    Ok((comment, row.get(14)?))
}

impl Tx<'_> {
    pub fn insert_comment(&mut self, comment: &CommentRow) -> Result<()> {
        let said = Said { text: comment.text.clone(), pin: comment.pin.clone() };
        let sealed = self.seal("comment", comment.id.0, 0, &said)?;
        self.execute(
            sql!(
                "insert into comment (id, submission, thread_id, answer_id, slot_id, contributor_id, task_id, project_id,
                                      person_id, state, sealed, digest, at_ms, version)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0)"
            ),
            params![
                comment.id,
                comment.submission.as_str(),
                comment.thread,
                comment.answer,
                comment.conversation.slot,
                comment.conversation.contributor,
                comment.task,
                comment.project,
                comment.person,
                comment.state.map(ThreadState::as_str),
                &sealed,
                comment.digest.as_str(),
                comment.at,
            ],
        )?;
        Ok(())
    }

    pub(crate) fn open_comment(&self, (mut comment, sealed): Sealed) -> Result<CommentRow> {
        let said: Said = self.open("comment", comment.id.0, 0, &sealed)?;
        (comment.text, comment.pin) = (said.text, said.pin);
        Ok(comment)
    }

    pub fn comment(&mut self, id: CommentId) -> Result<Option<CommentRow>> {
        let sql = format!("select {COMMENT} from comment where id = $1");
        let row = self.query_one(&sql, params![id], read)?;
        row.map(|row| self.open_comment(row)).transpose()
    }

    pub fn comment_by_submission(
        &mut self,
        submission: &SubmissionId,
    ) -> Result<Option<CommentRow>> {
        let sql = format!("select {COMMENT} from comment where submission = $1");
        let row = self.query_one(&sql, params![submission.as_str()], read)?;
        row.map(|row| self.open_comment(row)).transpose()
    }

    /// Every comment of a conversation, the oldest first.
    pub fn comments_of(&mut self, conversation: Conversation) -> Result<Vec<CommentRow>> {
        let sql = format!(
            "select {COMMENT} from comment where slot_id = $1 and contributor_id = $2 order by id"
        );
        let params = params![conversation.slot, conversation.contributor];
        let rows = self.query(&sql, params, read)?;
        rows.into_iter().map(|row| self.open_comment(row)).collect()
    }

    /// How many threads and comments a conversation has, and a number that rises with each of its changes.
    pub fn measure_conversation(&mut self, conversation: Conversation) -> Result<(i64, i64, i64)> {
        let row = self.query_one(
            sql!(
                "select cast(coalesce(sum(case when id = thread_id then 1 else 0 end), 0) as bigint), count(*),
                        cast(coalesce(sum(version), 0) as bigint) + count(*)
                 from comment where slot_id = $1 and contributor_id = $2"
            ),
            params![conversation.slot, conversation.contributor],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )?;
        Ok(row.unwrap_or_default())
    }

    pub fn turn_thread(
        &mut self,
        thread: CommentId,
        from: ThreadState,
        to: ThreadState,
        by: PersonId,
        now: Timestamp,
    ) -> Result<()> {
        self.execute_one(
            sql!(
                "update comment set state = $3, changed_by = $4, changed_at_ms = $5, version = version + 1
                 where id = $1 and state = $2"
            ),
            params![thread, from.as_str(), to.as_str(), by, now],
        )
    }

    /// Who has judged an answer, but for its contributor.
    pub fn reviewers_of(&mut self, answer: AnswerId) -> Result<Vec<PersonId>> {
        self.query(
            sql!(
                "select distinct reviewer_id from review where answer_id = $1 order by reviewer_id"
            ),
            params![answer],
            |row| row.get(0),
        )
    }

    /// Counts one more comment that a person has not read.
    pub fn add_to_inbox(&mut self, row: &InboxRow) -> Result<()> {
        self.execute(
            sql!(
                "insert into inbox (person_id, slot_id, contributor_id, answer_id, task_id, project_id, comment_id, unread,
                                    told_at_ms)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                 on conflict (person_id, slot_id, contributor_id) do update set
                   answer_id = excluded.answer_id, comment_id = excluded.comment_id,
                   unread = inbox.unread + excluded.unread, told_at_ms = excluded.told_at_ms"
            ),
            params![
                row.person,
                row.conversation.slot,
                row.conversation.contributor,
                row.answer,
                row.task,
                row.project,
                row.comment,
                row.unread,
                row.told_at,
            ],
        )?;
        Ok(())
    }

    /// What a person has read of a conversation: everything up to a comment. No news to anybody else.
    pub fn read_through(
        &mut self,
        person: PersonId,
        conversation: Conversation,
        through: CommentId,
    ) -> Result<()> {
        self.execute_quietly(
            sql!(
                "update inbox set unread =
                   (select count(*) from comment c where c.slot_id = inbox.slot_id
                      and c.contributor_id = inbox.contributor_id and c.id > $4 and c.person_id <> inbox.person_id)
                 where person_id = $1 and slot_id = $2 and contributor_id = $3 and unread > 0"
            ),
            params![person, conversation.slot, conversation.contributor, through],
        )?;
        Ok(())
    }

    /// Conversations with something to read, the latest first.
    pub fn inbox(&mut self, person: PersonId, now: Timestamp, limit: i64) -> Result<Vec<InboxRow>> {
        self.query(
            sql!(
                "select person_id, slot_id, contributor_id, answer_id, task_id, project_id, comment_id, unread, told_at_ms
                 from inbox where person_id = $1 and unread > 0 and told_at_ms <= $2 order by comment_id desc limit $3"
            ),
            params![person, now, limit],
            |row| {
                Ok(InboxRow {
                    person: row.get(0)?,
                    conversation: Conversation { slot: row.get(1)?, contributor: row.get(2)? },
                    answer: row.get(3)?,
                    task: row.get(4)?,
                    project: row.get(5)?,
                    comment: row.get(6)?,
                    unread: row.get(7)?,
                    told_at: row.get(8)?,
                })
            },
        )
    }
}
