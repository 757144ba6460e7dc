//! Identifiers: numbers that cannot be mistaken for one another.
//!
//! An id is a positive 63-bit number, made in the order of time, and written as a prefix and
//! thirteen characters of Crockford's base 32 (`tsk_01hzyqwk3v8r2`), which sort like the numbers.

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const DIGITS: usize = 13;

/// Writes an id's number as text.
pub fn encode(number: i64) -> String {
    let mut text = [0u8; DIGITS];
    let mut rest = number.max(0) as u64;
    for digit in text.iter_mut().rev() {
        *digit = ALPHABET[(rest & 31) as usize];
        rest >>= 5;
    }
    text.iter().map(|&byte| byte as char).collect()
}

/// Reads what [`encode`] wrote, and nothing else.
pub fn decode(text: &str) -> Option<i64> {
    if text.len() != DIGITS {
        return None;
    }
    let mut number: u64 = 0;
    for byte in text.bytes() {
        let digit = ALPHABET.iter().position(|&letter| letter == byte)? as u64;
        number = number.checked_mul(32)?.checked_add(digit)?;
    }
    i64::try_from(number).ok()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier of the expected kind")]
pub struct BadId;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);

        impl $name {
            pub const PREFIX: &'static str = $prefix;
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!($prefix, "_{}"), encode(self.0))
            }
        }

        impl std::str::FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                let digits = text.strip_prefix(concat!($prefix, "_")).ok_or(BadId)?;
                decode(digits).map(Self).ok_or(BadId)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(from)?;
                text.parse().map_err(|_| {
                    serde::de::Error::custom(concat!("an id that begins with ", $prefix, "_ is wanted"))
                })
            }
        }
    };
}

id!(
    /// A customer: the tenant, the owner of one fence.
    OrganizationId, "org");
id!(
    /// One human with one login, or an API key acting for itself.
    PersonId, "per");
id!(SessionId, "ses");
id!(KeyId, "key");
id!(InvitationId, "inv");
id!(ProjectId, "prj");
id!(ItemId, "itm");
id!(TaskId, "tsk");
id!(SlotId, "slt");
id!(AnswerId, "ans");
id!(ReviewId, "rev");
id!(CommentId, "cmt");
id!(UploadId, "upl");
id!(JobId, "job");
id!(ReleaseId, "rel");
id!(EventId, "evt");
id!(
    /// A model that a project asks for suggestions.
    BackendId, "bkd");
id!(PromptId, "pmt");

/// The name that a browser gives to what it hands in, and keeps until the server has replied.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct SubmissionId(String);

impl SubmissionId {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for SubmissionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for SubmissionId {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        let name = text.strip_prefix("sub_").ok_or(BadId)?;
        let fine = (8..=40).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        if fine { Ok(Self(text.into())) } else { Err(BadId) }
    }
}

impl<'de> serde::Deserialize<'de> for SubmissionId {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(from)?;
        text.parse()
            .map_err(|_| serde::de::Error::custom("sub_ and 8 to 40 characters a-z 0-9 are wanted"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_and_sorts_like_its_number() {
        let numbers = [0, 1, 31, 32, 1 << 40, i64::MAX];
        let texts: Vec<String> = numbers.iter().map(|&n| TaskId(n).to_string()).collect();
        assert!(texts.is_sorted());
        for (number, text) in numbers.iter().zip(&texts) {
            assert_eq!(text.parse(), Ok(TaskId(*number)), "{text}");
        }
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for text in
            ["", "tsk_", "tsk_0", "slt_0000000000001", "tsk_zzzzzzzzzzzzz", "tsk_000000000000I"]
        {
            assert_eq!(text.parse::<TaskId>(), Err(BadId), "{text}");
        }
        for text in ["sub_short", "sub_UPPERCASE1", "12345678", "sub_a b c d e f g"] {
            let fine = text == "sub_short";
            assert_eq!(text.parse::<SubmissionId>().is_ok(), fine && text.len() >= 12, "{text}");
        }
    }
}
