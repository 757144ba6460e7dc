//! People, their roles, and what a role may do.

use crate::{OrganizationId, PersonId, limits};
use serde::{Deserialize, Serialize};

/// What a person is to an organization, the mightiest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Owner,
    Manager,
    Reviewer,
    Contributor,
    Viewer,
}

impl Role {
    pub const ALL: [Role; 5] =
        [Role::Owner, Role::Manager, Role::Reviewer, Role::Contributor, Role::Viewer];

    pub fn as_str(self) -> &'static str {
        match self {
            Role::Owner => "owner",
            Role::Manager => "manager",
            Role::Reviewer => "reviewer",
            Role::Contributor => "contributor",
            Role::Viewer => "viewer",
        }
    }

    /// The one role table. Routes ask for a permission, never for a role.
    pub fn may(self, permission: Permission) -> bool {
        use Permission::*;
        match self {
            Role::Owner => true,
            Role::Manager => !matches!(permission, ManageKeys | ManageOrganization),
            Role::Reviewer => {
                matches!(permission, SeeOwnWork | SeeProjects | SeeLabels | Label | Review)
            }
            Role::Contributor => matches!(permission, SeeOwnWork | SeeProjects | Label),
            Role::Viewer => matches!(permission, SeeOwnWork | SeeProjects | SeeLabels),
        }
    }

    /// Nobody may grant what he does not hold: a manager makes managers and below, never owners.
    pub fn may_grant(self, other: Role) -> bool {
        match self {
            Role::Owner => true,
            Role::Manager => other != Role::Owner,
            Role::Reviewer | Role::Contributor | Role::Viewer => false,
        }
    }
}

impl std::str::FromStr for Role {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Role::ALL.into_iter().find(|role| role.as_str() == text).ok_or(())
    }
}

/// What a route asks of its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// Own session, own work.
    SeeOwnWork,
    /// Published projects, their ontology and instructions.
    SeeProjects,
    /// Tasks, answers, labels, progress, releases: what others did.
    SeeLabels,
    Label,
    Review,
    ManageProjects,
    ManageMembers,
    ManageKeys,
    ManageOrganization,
}

impl Permission {
    /// Whether it concerns people and the organization itself, which have no modes.
    pub fn is_of_people(self) -> bool {
        use Permission::*;
        matches!(self, ManageMembers | ManageKeys | ManageOrganization)
    }
}

/// Who acts, and inside which organization. Made by authentication and by nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Actor {
    pub organization: OrganizationId,
    pub person: PersonId,
    pub role: Role,
    /// Objects of one mode are invisible to the other.
    pub mode: Mode,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    Live,
    Test,
}

impl Mode {
    pub fn as_str(self) -> &'static str {
        match self {
            Mode::Live => "live",
            Mode::Test => "test",
        }
    }
}

impl std::str::FromStr for Mode {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        [Mode::Live, Mode::Test].into_iter().find(|mode| mode.as_str() == text).ok_or(())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordRefusal {
    #[error("a password has at least 15 characters; a sentence is a good one")]
    TooShort,
    #[error("a password has at most 512 characters")]
    TooLong,
    #[error("this password is too easy to guess: use words that do not repeat")]
    TooSimple,
}

/// Decides whether a password may be used. Length and variety; no rules of composition
/// (NIST SP 800-63B §5.1.1.2).
pub fn check_password(password: &str, email: &str) -> Result<(), PasswordRefusal> {
    let count = password.chars().count();
    if count < limits::PASSWORD_CHARS_MIN {
        return Err(PasswordRefusal::TooShort);
    }
    if count > limits::PASSWORD_CHARS_MAX {
        return Err(PasswordRefusal::TooLong);
    }
    let mut different: Vec<char> = password.to_lowercase().chars().collect();
    different.sort_unstable();
    different.dedup();
    let contains_email = !email.is_empty() && password.eq_ignore_ascii_case(email);
    if different.len() < 6 || contains_email {
        return Err(PasswordRefusal::TooSimple);
    }
    Ok(())
}

/// An email address as we keep it: trimmed, lower case, one `@` with something on each side.
pub fn normal_email(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let (local, host) = text.split_once('@')?;
    let fine = !local.is_empty()
        && host.contains(|c: char| c != '.')
        && !host.contains('@')
        && !text
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',' | ';'))
        && text.len() <= 254;
    fine.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_role_table() {
        use Permission::*;
        let rows = [
            SeeOwnWork,
            SeeProjects,
            SeeLabels,
            Label,
            Review,
            ManageProjects,
            ManageMembers,
            ManageKeys,
            ManageOrganization,
        ];
        let table: Vec<String> = rows
            .iter()
            .map(|&permission| {
                let may = Role::ALL.map(|role| if role.may(permission) { 'x' } else { '.' });
                format!("{} {permission:?}", may.iter().collect::<String>())
            })
            .collect();
        assert_eq!(
            table,
            [
                "xxxxx SeeOwnWork",
                "xxxxx SeeProjects",
                "xxx.x SeeLabels",
                "xxxx. Label",
                "xxx.. Review",
                "xx... ManageProjects",
                "xx... ManageMembers",
                "x.... ManageKeys",
                "x.... ManageOrganization",
            ]
        );
    }

    #[test]
    fn nobody_grants_more_than_he_holds() {
        for granter in Role::ALL {
            for granted in Role::ALL {
                let want = match granter {
                    Role::Owner => true,
                    Role::Manager => granted != Role::Owner,
                    _ => false,
                };
                assert_eq!(granter.may_grant(granted), want, "{granter:?} grants {granted:?}");
            }
        }
    }

    #[test]
    fn passwords() {
        for (password, want) in [
            ("short", Err(PasswordRefusal::TooShort)),
            ("aaaaaaaaaaaaaaaaaaaa", Err(PasswordRefusal::TooSimple)),
            ("ann@example.org", Err(PasswordRefusal::TooSimple)),
            ("correct horse battery", Ok(())),
            ("пароль из трёх слов", Ok(())),
        ] {
            assert_eq!(check_password(password, "ann@example.org"), want, "{password}");
        }
        assert_eq!(check_password(&"ab".repeat(300), ""), Err(PasswordRefusal::TooLong));
    }

    #[test]
    fn emails() {
        assert_eq!(normal_email(" Ann@Example.ORG "), Some("ann@example.org".into()));
        for text in ["", "ann", "@b", "a@", "a@b@c", "a b@c", "a@\nb", "<a@b>"] {
            assert_eq!(normal_email(text), None, "{text}");
        }
    }
}
