//! People on disk, and the doors through which they come: sessions, keys, invitations.
//!
//! All of it lives in the control store. Tokens are kept as BLAKE3 hashes: they are random and
//! long, so that nothing slower is needed.

use crate::engine::{Row, Tx, params, sql};
use crate::stores::{Access, Stores};
use crate::{Error, Result};
use domain::{
    Actor, InvitationId, KeyId, OrganizationId, PersonId, Role, SessionId, Timestamp, people::Mode,
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub id: PersonId,
    pub kind: PersonKind,
    pub email: Option<String>,
    pub name: String,
    pub password_hash: Option<String>,
    pub operator: bool,
    pub disabled: bool,
}

/// A human with a login; an API key, which acts for itself; somebody known only by a pseudonym,
/// whose work was brought in from elsewhere; or a model, whose predictions are its answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonKind {
    Human,
    Key,
    Pseudonym,
    Model,
}

impl PersonKind {
    fn as_str(self) -> &'static str {
        match self {
            PersonKind::Human => "human",
            PersonKind::Key => "key",
            PersonKind::Pseudonym => "pseudonym",
            PersonKind::Model => "model",
        }
    }
}

impl std::str::FromStr for PersonKind {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let all = [PersonKind::Human, PersonKind::Key, PersonKind::Pseudonym, PersonKind::Model];
        all.into_iter().find(|kind| kind.as_str() == text).ok_or(())
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub person: PersonId,
    pub organization: OrganizationId,
    pub organization_name: String,
    pub email: Option<String>,
    pub name: String,
    pub role: Role,
    pub joined_at: Timestamp,
}

/// A verified session: who it is, and where they work at the moment.
#[derive(Clone, Debug)]
pub struct Session {
    pub id: SessionId,
    pub person: Person,
    pub organization: Option<OrganizationId>,
    pub role: Option<Role>,
    pub seen_at: Timestamp,
    pub expires_at: Timestamp,
}

/// A session as its owner sees it in a list.
#[derive(Clone, Debug)]
pub struct SessionRow {
    pub id: SessionId,
    pub device: String,
    pub created_at: Timestamp,
    pub seen_at: Timestamp,
    pub expires_at: Timestamp,
}

#[derive(Clone, Debug)]
pub struct NewSession {
    pub token_hash: [u8; 32],
    pub person: PersonId,
    pub organization: Option<OrganizationId>,
    pub device: String,
    pub expires_at: Timestamp,
}

#[derive(Clone, Debug)]
pub struct KeyRow {
    pub id: KeyId,
    pub organization: OrganizationId,
    pub person: PersonId,
    pub name: String,
    pub hint: String,
    pub mode: Mode,
    pub role: Role,
    pub created_at: Timestamp,
    pub used_at: Option<Timestamp>,
    pub revoked: bool,
}

#[derive(Clone, Debug)]
pub struct NewKey {
    pub organization: OrganizationId,
    pub name: String,
    pub secret_hash: [u8; 32],
    pub hint: String,
    pub mode: Mode,
    pub role: Role,
    pub created_by: PersonId,
}

#[derive(Clone, Debug)]
pub struct Invitation {
    pub id: InvitationId,
    pub organization: OrganizationId,
    pub organization_name: String,
    pub email: String,
    pub role: Role,
    pub invited_by: PersonId,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub accepted: bool,
    pub revoked: bool,
}

#[derive(Clone, Debug)]
pub struct NewInvitation {
    pub organization: OrganizationId,
    pub email: String,
    pub role: Role,
    pub token_hash: [u8; 32],
    pub invited_by: PersonId,
    pub expires_at: Timestamp,
}

impl Stores {
    /// The right of a verified session to act in the organization where it works at the moment.
    pub fn access_for_session(&self, session: &Session) -> Result<Option<Access>> {
        let (Some(organization), Some(role)) = (session.organization, session.role) else {
            return Ok(None);
        };
        let actor = Actor { organization, person: session.person.id, role, mode: Mode::Live };
        Ok(Some(Access::new(actor, self.organization(organization)?)))
    }

    /// The right of a verified key to act in its organization.
    pub fn access_for_key(&self, key: &KeyRow) -> Result<Access> {
        let actor = Actor {
            organization: key.organization,
            person: key.person,
            role: key.role,
            mode: key.mode,
        };
        Ok(Access::new(actor, self.organization(key.organization)?))
    }
}

const PERSON: &str = "id, kind, email, name, password_hash, operator, state";

fn read_person(row: &Row<'_>, at: usize) -> Result<Person> {
    Ok(Person {
        id: row.get(at)?,
        kind: row.parse(at + 1, "kind of person")?,
        email: row.get(at + 2)?,
        name: row.get(at + 3)?,
        password_hash: row.get(at + 4)?,
        operator: row.get(at + 5)?,
        disabled: row.get::<String>(at + 6)? == "disabled",
    })
}

fn read_role(row: &Row<'_>, at: usize) -> Result<Option<Role>> {
    row.get::<Option<String>>(at)?
        .map(|text| text.parse().map_err(|()| Error::Corrupt { what: "role", value: text }))
        .transpose()
}

impl Tx<'_> {
    pub fn setting(&mut self, name: &str) -> Result<Option<String>> {
        self.query_one(
            sql!("select value from setting where name = $1 {hold}"),
            params![name],
            |row| row.get(0),
        )
    }

    pub fn set_setting(&mut self, name: &str, value: &str) -> Result<()> {
        self.execute(
            sql!("insert into setting (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value"),
            params![name, value],
        )?;
        Ok(())
    }

    pub fn remove_setting(&mut self, name: &str) -> Result<bool> {
        Ok(self.execute(sql!("delete from setting where name = $1"), params![name])? == 1)
    }

    /// Adds a person. A human's email must be nobody else's.
    pub fn insert_person(&mut self, person: &Person, now: Timestamp) -> Result<()> {
        let added = self.execute(
            sql!(
                "insert into person (id, kind, email, name, password_hash, operator, state, created_at_ms)
                 values ($1, $2, $3, $4, $5, $6, 'active', $7) on conflict do nothing"
            ),
            params![
                person.id,
                person.kind.as_str(),
                person.email.as_deref(),
                &person.name,
                person.password_hash.as_deref(),
                person.operator,
                now,
            ],
        )?;
        if added == 1 { Ok(()) } else { Err(Error::Exists { what: "person" }) }
    }

    pub fn person(&mut self, id: PersonId) -> Result<Option<Person>> {
        let sql = format!("select {PERSON} from person where id = $1");
        self.query_one(&sql, params![id], |row| read_person(row, 0))
    }

    pub fn person_by_email(&mut self, email: &str) -> Result<Option<Person>> {
        let sql = format!("select {PERSON} from person where email = $1");
        self.query_one(&sql, params![email], |row| read_person(row, 0))
    }

    /// Names of people, for showing; those that are not there are left out.
    pub fn names(&mut self, ids: &[PersonId]) -> Result<Vec<(PersonId, String)>> {
        let mut names = Vec::with_capacity(ids.len());
        for id in ids {
            let name = self.query_one(
                sql!("select name from person where id = $1"),
                params![*id],
                |row| row.get(0),
            )?;
            names.extend(name.map(|name| (*id, name)));
        }
        Ok(names)
    }

    pub fn set_password(&mut self, person: PersonId, hash: &str) -> Result<()> {
        self.execute_one(
            sql!("update person set password_hash = $2 where id = $1 and kind = 'human'"),
            params![person, hash],
        )
    }

    pub fn set_membership(
        &mut self,
        organization: OrganizationId,
        person: PersonId,
        role: Role,
        now: Timestamp,
    ) -> Result<()> {
        self.execute(
            sql!(
                "insert into membership (organization_id, person_id, role, joined_at_ms) values ($1, $2, $3, $4)
                 on conflict (organization_id, person_id) do update set role = excluded.role"
            ),
            params![organization, person, role.as_str(), now],
        )?;
        Ok(())
    }

    /// Ends a membership, and every session that works there through it.
    pub fn remove_membership(
        &mut self,
        organization: OrganizationId,
        person: PersonId,
    ) -> Result<()> {
        self.execute_one(
            sql!("delete from membership where organization_id = $1 and person_id = $2"),
            params![organization, person],
        )?;
        self.execute(
            sql!("update session set organization_id = null where organization_id = $1 and person_id = $2"),
            params![organization, person],
        )?;
        Ok(())
    }

    pub fn membership(
        &mut self,
        organization: OrganizationId,
        person: PersonId,
    ) -> Result<Option<Role>> {
        let role = self.query_one(
            sql!(
                "select role from membership where organization_id = $1 and person_id = $2 {hold}"
            ),
            params![organization, person],
            |row| read_role(row, 0),
        )?;
        Ok(role.flatten())
    }

    pub fn count_owners(&mut self, organization: OrganizationId) -> Result<i64> {
        let count = self.query_one(
            sql!("select count(*) from membership where organization_id = $1 and role = 'owner'"),
            params![organization],
            |row| row.get(0),
        )?;
        Ok(count.unwrap_or(0))
    }

    /// The owners of an organization, held as they are: two who leave at once wait for each other.
    pub fn owners(&mut self, organization: OrganizationId) -> Result<Vec<PersonId>> {
        self.query(
            sql!("select person_id from membership where organization_id = $1 and role = 'owner' order by person_id {hold}"),
            params![organization],
            |row| row.get(0),
        )
    }

    /// The humans of an organization, after `after`, in the order of their ids.
    pub fn members(
        &mut self,
        organization: OrganizationId,
        after: PersonId,
        limit: i64,
    ) -> Result<Vec<Member>> {
        self.query(
            sql!(
                "select m.person_id, m.organization_id, o.name, p.email, p.name, m.role, m.joined_at_ms
                 from membership m join person p on p.id = m.person_id join organization o on o.id = m.organization_id
                 where m.organization_id = $1 and m.person_id > $2 and p.kind = 'human'
                 order by m.person_id limit $3"
            ),
            params![organization, after, limit],
            read_member,
        )
    }

    /// Where a person is a member.
    pub fn memberships(&mut self, person: PersonId) -> Result<Vec<Member>> {
        self.query(
            sql!(
                "select m.person_id, m.organization_id, o.name, p.email, p.name, m.role, m.joined_at_ms
                 from membership m join person p on p.id = m.person_id join organization o on o.id = m.organization_id
                 where m.person_id = $1 and o.state = 'active' order by o.name"
            ),
            params![person],
            read_member,
        )
    }

    pub fn insert_session(&mut self, session: &NewSession, now: Timestamp) -> Result<SessionId> {
        let id = SessionId(self.new_id(now));
        self.execute(
            sql!(
                "insert into session (id, token_hash, person_id, organization_id, device, created_at_ms, seen_at_ms, expires_at_ms)
                 values ($1, $2, $3, $4, $5, $6, $6, $7)"
            ),
            params![
                id,
                session.token_hash.as_slice(),
                session.person,
                session.organization,
                &session.device,
                now,
                session.expires_at,
            ],
        )?;
        Ok(id)
    }

    /// The session that a token opens, if it is still good at `now` and its owner may still come in.
    pub fn verify_session(
        &mut self,
        token_hash: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<Session>> {
        self.query_one(
            sql!(
                "select s.id, s.organization_id, s.seen_at_ms, s.expires_at_ms, m.role,
                        p.id, p.kind, p.email, p.name, p.password_hash, p.operator, p.state
                 from session s join person p on p.id = s.person_id
                 left join organization o on o.id = s.organization_id and o.state = 'active'
                 left join membership m on m.organization_id = o.id and m.person_id = s.person_id
                 where s.token_hash = $1 and s.expires_at_ms > $2 and s.seen_at_ms > $3 and p.state = 'active'"
            ),
            params![token_hash.as_slice(), now, now.0 - domain::limits::SESSION_IDLE_MS],
            |row| {
                let role = read_role(row, 4)?;
                Ok(Session {
                    id: row.get(0)?,
                    organization: row.get::<Option<OrganizationId>>(1)?.filter(|_| role.is_some()),
                    role,
                    seen_at: row.get(2)?,
                    expires_at: row.get(3)?,
                    person: read_person(row, 5)?,
                })
            },
        )
    }

    /// Notes that a session is in use. No news to anybody.
    pub fn touch_session(&mut self, id: SessionId, now: Timestamp) -> Result<()> {
        self.execute_quietly(
            sql!("update session set seen_at_ms = $2 where id = $1"),
            params![id, now],
        )?;
        Ok(())
    }

    pub fn move_session(
        &mut self,
        id: SessionId,
        organization: Option<OrganizationId>,
    ) -> Result<()> {
        self.execute_one(
            sql!("update session set organization_id = $2 where id = $1"),
            params![id, organization],
        )
    }

    pub fn sessions(&mut self, person: PersonId, now: Timestamp) -> Result<Vec<SessionRow>> {
        self.query(
            sql!(
                "select id, device, created_at_ms, seen_at_ms, expires_at_ms from session
                 where person_id = $1 and expires_at_ms > $2 order by id desc"
            ),
            params![person, now],
            |row| {
                Ok(SessionRow {
                    id: row.get(0)?,
                    device: row.get(1)?,
                    created_at: row.get(2)?,
                    seen_at: row.get(3)?,
                    expires_at: row.get(4)?,
                })
            },
        )
    }

    /// Ends one session of a person; answers whether it was there.
    pub fn end_session(&mut self, person: PersonId, id: SessionId) -> Result<bool> {
        Ok(self.execute(
            sql!("delete from session where id = $1 and person_id = $2"),
            params![id, person],
        )? == 1)
    }

    pub fn end_other_sessions(&mut self, person: PersonId, but: SessionId) -> Result<u64> {
        self.execute(
            sql!("delete from session where person_id = $1 and id <> $2"),
            params![person, but],
        )
    }

    pub fn remove_expired_sessions(&mut self, now: Timestamp) -> Result<u64> {
        self.execute_quietly(sql!("delete from session where expires_at_ms <= $1"), params![now])
    }

    /// Adds a key, and the person that it acts as.
    pub fn insert_key(&mut self, key: &NewKey, now: Timestamp) -> Result<KeyRow> {
        let id = KeyId(self.new_id(now));
        let person = Person {
            id: PersonId(self.new_id(now)),
            kind: PersonKind::Key,
            email: None,
            name: key.name.clone(),
            password_hash: None,
            operator: false,
            disabled: false,
        };
        self.insert_person(&person, now)?;
        self.execute(
            sql!(
                "insert into api_key (id, organization_id, person_id, name, secret_hash, hint, mode, role, created_by, created_at_ms)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
            ),
            params![
                id,
                key.organization,
                person.id,
                &key.name,
                key.secret_hash.as_slice(),
                &key.hint,
                key.mode.as_str(),
                key.role.as_str(),
                key.created_by,
                now,
            ],
        )?;
        Ok(KeyRow {
            id,
            organization: key.organization,
            person: person.id,
            name: key.name.clone(),
            hint: key.hint.clone(),
            mode: key.mode,
            role: key.role,
            created_at: now,
            used_at: None,
            revoked: false,
        })
    }

    /// The key that a secret opens, unless it was revoked or its organization closed.
    pub fn verify_key(&mut self, secret_hash: &[u8; 32]) -> Result<Option<KeyRow>> {
        self.query_one(
            sql!(
                "select k.id, k.organization_id, k.person_id, k.name, k.hint, k.mode, k.role, k.created_at_ms, k.used_at_ms, k.revoked_at_ms
                 from api_key k join organization o on o.id = k.organization_id
                 where k.secret_hash = $1 and k.revoked_at_ms is null and o.state = 'active'"
            ),
            params![secret_hash.as_slice()],
            read_key,
        )
    }

    pub fn keys_of(&mut self, organization: OrganizationId) -> Result<Vec<KeyRow>> {
        self.query(
            sql!(
                "select id, organization_id, person_id, name, hint, mode, role, created_at_ms, used_at_ms, revoked_at_ms
                 from api_key where organization_id = $1 and revoked_at_ms is null order by id desc"
            ),
            params![organization],
            read_key,
        )
    }

    pub fn touch_key(&mut self, id: KeyId, now: Timestamp) -> Result<()> {
        self.execute_quietly(
            sql!("update api_key set used_at_ms = $2 where id = $1"),
            params![id, now],
        )?;
        Ok(())
    }

    pub fn revoke_key(
        &mut self,
        organization: OrganizationId,
        id: KeyId,
        now: Timestamp,
    ) -> Result<bool> {
        let revoked = self.execute(
            sql!(
                "update api_key set revoked_at_ms = $3
                 where organization_id = $1 and id = $2 and revoked_at_ms is null"
            ),
            params![organization, id, now],
        )?;
        Ok(revoked == 1)
    }

    pub fn insert_invitation(
        &mut self,
        invitation: &NewInvitation,
        now: Timestamp,
    ) -> Result<InvitationId> {
        let id = InvitationId(self.new_id(now));
        self.execute(
            sql!(
                "insert into invitation (id, organization_id, email, role, token_hash, invited_by, created_at_ms, expires_at_ms)
                 values ($1, $2, $3, $4, $5, $6, $7, $8)"
            ),
            params![
                id,
                invitation.organization,
                &invitation.email,
                invitation.role.as_str(),
                invitation.token_hash.as_slice(),
                invitation.invited_by,
                now,
                invitation.expires_at,
            ],
        )?;
        Ok(id)
    }

    pub fn invitation_by_token(&mut self, token_hash: &[u8; 32]) -> Result<Option<Invitation>> {
        self.query_one(
            sql!(
                "select i.id, i.organization_id, o.name, i.email, i.role, i.invited_by, i.created_at_ms, i.expires_at_ms,
                        i.accepted_at_ms, i.revoked_at_ms
                 from invitation i join organization o on o.id = i.organization_id
                 where i.token_hash = $1 and o.state = 'active'"
            ),
            params![token_hash.as_slice()],
            read_invitation,
        )
    }

    pub fn invitations(&mut self, organization: OrganizationId) -> Result<Vec<Invitation>> {
        self.query(
            sql!(
                "select i.id, i.organization_id, o.name, i.email, i.role, i.invited_by, i.created_at_ms, i.expires_at_ms,
                        i.accepted_at_ms, i.revoked_at_ms
                 from invitation i join organization o on o.id = i.organization_id
                 where i.organization_id = $1 and i.accepted_at_ms is null and i.revoked_at_ms is null
                 order by i.id desc limit 500"
            ),
            params![organization],
            read_invitation,
        )
    }

    /// Uses an invitation up; a second use is a conflict.
    pub fn accept_invitation(&mut self, id: InvitationId, now: Timestamp) -> Result<()> {
        self.execute_one(
            sql!("update invitation set accepted_at_ms = $2 where id = $1 and accepted_at_ms is null and revoked_at_ms is null"),
            params![id, now],
        )
    }

    pub fn revoke_invitation(
        &mut self,
        organization: OrganizationId,
        id: InvitationId,
        now: Timestamp,
    ) -> Result<bool> {
        let revoked = self.execute(
            sql!(
                "update invitation set revoked_at_ms = $3
                 where organization_id = $1 and id = $2 and accepted_at_ms is null and revoked_at_ms is null"
            ),
            params![organization, id, now],
        )?;
        Ok(revoked == 1)
    }
}

fn read_member(row: &Row<'_>) -> Result<Member> {
    Ok(Member {
        person: row.get(0)?,
        organization: row.get(1)?,
        organization_name: row.get(2)?,
        email: row.get(3)?,
        name: row.get(4)?,
        role: row.parse_role(5)?,
        joined_at: row.get(6)?,
    })
}

fn read_key(row: &Row<'_>) -> Result<KeyRow> {
    let mode: String = row.get(5)?;
    Ok(KeyRow {
        id: row.get(0)?,
        organization: row.get(1)?,
        person: row.get(2)?,
        name: row.get(3)?,
        hint: row.get(4)?,
        mode: mode.parse().map_err(|()| Error::Corrupt { what: "mode", value: mode })?,
        role: row.parse_role(6)?,
        created_at: row.get(7)?,
        used_at: row.get(8)?,
        revoked: row.get::<Option<i64>>(9)?.is_some(),
    })
}

fn read_invitation(row: &Row<'_>) -> Result<Invitation> {
    Ok(Invitation {
        id: row.get(0)?,
        organization: row.get(1)?,
        organization_name: row.get(2)?,
        email: row.get(3)?,
        role: row.parse_role(4)?,
        invited_by: row.get(5)?,
        created_at: row.get(6)?,
        expires_at: row.get(7)?,
        accepted: row.get::<Option<i64>>(8)?.is_some(),
        revoked: row.get::<Option<i64>>(9)?.is_some(),
    })
}

impl Row<'_> {
    fn parse_role(&self, index: usize) -> Result<Role> {
        self.parse(index, "role")
    }
}
