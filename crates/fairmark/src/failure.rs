//! What a command has to say when it cannot do what was asked: what, where, and how to mend it.

pub type Result<T = Outcome, E = Failure> = std::result::Result<T, E>;

/// How a command ended that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Fine,
    /// Some rows or files were bad, and were told.
    Partly,
}

#[derive(Debug)]
pub struct Failure {
    /// The exit code: 1 failed, 2 misused.
    pub code: u8,
    /// The stable code of the interface, where a server said what is wrong.
    pub named: Option<String>,
    what: String,
    mend: Option<String>,
}

impl Failure {
    pub fn new(what: impl Into<String>) -> Self {
        Self { code: 1, named: None, what: what.into(), mend: None }
    }

    /// The caller asked for something that makes no sense.
    pub fn usage(what: impl Into<String>) -> Self {
        Self { code: 2, ..Self::new(what) }
    }

    /// Says how to mend it.
    pub fn mend(self, mend: impl Into<String>) -> Self {
        Self { mend: Some(mend.into()), ..self }
    }

    pub fn tell(&self) {
        eprintln!("fairmark: {}", self.what);
        if let Some(mend) = &self.mend {
            eprintln!("  {mend}");
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.what)
    }
}

/// Adds what was being done, and where.
pub trait Doing<T> {
    fn doing(self, what: impl std::fmt::Display) -> Result<T>;
}

impl<T, E: std::error::Error> Doing<T> for std::result::Result<T, E> {
    fn doing(self, what: impl std::fmt::Display) -> Result<T> {
        self.map_err(|error| Failure::new(format!("{what}: {}", chain(&error))))
    }
}

/// The failure and what caused it, in one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let cause = error.to_string();
        // Some errors repeat their cause in their own words.
        if !text.ends_with(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
        source = error.source();
    }
    text
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        use store::{Error, keys};
        let failure = Failure::new(chain(&error));
        match &error {
            Error::Keys(keys::Error::WrongRoot { wanted, .. }) => failure.mend(format!(
                "The data was sealed under root key {wanted}: name its file with --root-key-file, or put it into FAIRMARK_ROOT_KEY."
            )),
            Error::KeyMissing => failure.mend("Restore the keyring (keyring.db) that belongs to this data."),
            Error::Newer { .. } => failure.mend("Start the version that wrote it, or a later one."),
            Error::Postgres(_) => failure.mend("Is the database up, and --database-url right?"),
            Error::Sqlite(_) | Error::Io(_) => failure.mend("`fairmark doctor` tells what is wrong with a data folder."),
            _ => failure,
        }
    }
}

impl From<server::Error> for Failure {
    fn from(error: server::Error) -> Self {
        match error {
            server::Error::Store(error) => error.into(),
            other => Failure::new(other.to_string()),
        }
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Failure::new(format!("JSON cannot be read: {error}"))
    }
}
