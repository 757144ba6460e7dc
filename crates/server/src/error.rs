//! The one place where a failure becomes an HTTP status.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::comments::CommentRefusal;
use domain::people::PasswordRefusal;
use domain::projects::StateRefusal;
use domain::workflow::VerdictRefusal;
use domain::{Problem, queue};
use serde_json::{Value, json};

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug)]
pub enum Error {
    Unauthenticated,
    /// Email or password do not fit; never says which.
    WrongLogin,
    /// The role is not enough for something that the caller may know of.
    Forbidden,
    /// Also for what exists but may not be seen: the two must look the same from outside.
    NotFound,
    BadRequest {
        message: String,
    },
    /// A mutating call with a cookie that does not come from our own pages.
    CrossSite,
    TooLarge {
        what: &'static str,
        limit: u64,
    },
    TooMany {
        retry_after_s: u64,
    },
    /// A rule refuses, with a code of its own.
    Refused {
        code: &'static str,
        message: String,
    },
    /// A rule refuses, and tells what the caller needs to go on.
    RefusedWith {
        code: &'static str,
        message: String,
        details: Value,
    },
    /// What was sent is wrong, in all these places.
    Invalid(Vec<Problem>),
    Gone {
        code: &'static str,
        message: String,
    },
    Store(store::Error),
    Internal(String),
}

impl Error {
    pub fn bad(message: impl Into<String>) -> Self {
        Error::BadRequest { message: message.into() }
    }

    pub fn refused(code: &'static str, message: impl Into<String>) -> Self {
        Error::Refused { code, message: message.into() }
    }

    /// One thing wrong with one field.
    pub fn invalid(path: &str, code: &str, message: impl Into<String>) -> Self {
        Error::Invalid(vec![Problem::new(path, code, message)])
    }

    /// The same, told of another field.
    #[must_use]
    pub fn at(mut self, path: &str) -> Self {
        if let Error::Invalid(problems) = &mut self {
            problems.iter_mut().for_each(|problem| problem.path = path.into());
        }
        self
    }

    /// The status, and a code that a program may rely on: codes are never renamed.
    pub fn status_and_code(&self) -> (StatusCode, &'static str) {
        match self {
            Error::Unauthenticated => (StatusCode::UNAUTHORIZED, "unauthenticated"),
            Error::WrongLogin => (StatusCode::UNAUTHORIZED, "wrong_login"),
            Error::Forbidden => (StatusCode::FORBIDDEN, "forbidden"),
            Error::NotFound => (StatusCode::NOT_FOUND, "not_found"),
            Error::BadRequest { .. } => (StatusCode::BAD_REQUEST, "bad_request"),
            Error::CrossSite => (StatusCode::FORBIDDEN, "cross_site"),
            Error::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
            Error::TooMany { .. } => (StatusCode::TOO_MANY_REQUESTS, "too_many_attempts"),
            Error::Refused { code, .. } | Error::RefusedWith { code, .. } => {
                (StatusCode::CONFLICT, code)
            }
            Error::Invalid(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
            Error::Gone { code, .. } => (StatusCode::GONE, code),
            Error::Store(error) => match error {
                store::Error::Conflict => (StatusCode::CONFLICT, "try_again"),
                store::Error::Exists { .. } => (StatusCode::CONFLICT, "already_exists"),
                store::Error::NoOrganization => (StatusCode::NOT_FOUND, "not_found"),
                store::Error::KeyDestroyed => (StatusCode::GONE, "key_destroyed"),
                store::Error::Closed | store::Error::Crashed => {
                    (StatusCode::SERVICE_UNAVAILABLE, "unavailable")
                }
                error if error.is_away() => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
                _ => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
            },
            Error::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        }
    }

    /// What a person is told.
    pub fn message(&self) -> String {
        match self {
            Error::Unauthenticated => "sign in, or send an API key".into(),
            Error::WrongLogin => "the email or the password is not right".into(),
            Error::Forbidden => "your role in this organization does not allow this".into(),
            Error::NotFound => "there is nothing here, or nothing that you may see".into(),
            Error::BadRequest { message }
            | Error::Refused { message, .. }
            | Error::RefusedWith { message, .. }
            | Error::Gone { message, .. } => message.clone(),
            Error::CrossSite => "this call did not come from a page of this server".into(),
            Error::TooLarge { what, limit } => format!("{what} may have at most {limit} bytes"),
            Error::TooMany { retry_after_s } => {
                format!("too many attempts; try again in {retry_after_s} seconds")
            }
            Error::Invalid(problems) => match &problems[..] {
                [only] => only.message.clone(),
                several => {
                    format!("{} things are wrong; each is told under problems", several.len())
                }
            },
            Error::Store(error) => match error {
                store::Error::Conflict => {
                    "somebody else changed this at the same moment; try again".into()
                }
                store::Error::Exists { what } => {
                    format!("there is already a different {what} of this name")
                }
                store::Error::KeyDestroyed => {
                    "the keys of this organization were destroyed, and its data with them".into()
                }
                store::Error::NoOrganization => {
                    "there is nothing here, or nothing that you may see".into()
                }
                store::Error::Closed | store::Error::Crashed => {
                    "the server is stopping; try again in a moment".into()
                }
                error if error.is_away() => {
                    "the database is not there at the moment; try again in a moment".into()
                }
                // The cause goes to the log, with its chain; the caller learns only that we failed.
                _ => "something went wrong on our side; it has been logged".into(),
            },
            Error::Internal(_) => "something went wrong on our side; it has been logged".into(),
        }
    }
}

/// For the log and the command line, which may know the cause.
impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Error::Store(error) => f.write_str(&error.chain()),
            Error::Internal(cause) => f.write_str(cause),
            told => f.write_str(&told.message()),
        }
    }
}

impl std::error::Error for Error {}

impl store::AsStoreError for Error {
    fn as_store_error(&self) -> Option<&store::Error> {
        match self {
            Error::Store(error) => Some(error),
            _ => None,
        }
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        Error::Store(error)
    }
}

impl From<store::blobs::Error> for Error {
    fn from(error: store::blobs::Error) -> Self {
        match error {
            store::blobs::Error::NotFound => Error::NotFound,
            store::blobs::Error::TooLarge { limit } => {
                Error::TooLarge { what: "the content", limit }
            }
            other => Error::Store(store::Error::Blobs(other)),
        }
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Error::Internal(error.to_string())
    }
}

impl From<queue::Refusal> for Error {
    fn from(refusal: queue::Refusal) -> Self {
        use queue::Refusal;
        let code = match refusal {
            Refusal::HeldByAnother => "held_by_another",
            Refusal::Superseded => "superseded",
            Refusal::NotHeld => "not_held",
            Refusal::AlreadyAnswered => "already_answered",
            Refusal::AnswerDiffers => "answer_differs",
            Refusal::Closed => "closed",
        };
        Error::refused(code, refusal.to_string())
    }
}

impl From<VerdictRefusal> for Error {
    fn from(refusal: VerdictRefusal) -> Self {
        let (path, code) = match refusal {
            VerdictRefusal::ClauseMissing => ("clause", "clause_missing"),
            VerdictRefusal::UnknownClause => ("clause", "unknown_clause"),
            VerdictRefusal::ReasonMissing => ("reason", "reason_missing"),
            VerdictRefusal::ReasonTooLong => ("reason", "reason_too_long"),
            VerdictRefusal::AnswerMissing => ("answer", "answer_missing"),
            VerdictRefusal::AnswerNotWanted => ("answer", "answer_not_wanted"),
        };
        Error::invalid(path, code, refusal.to_string())
    }
}

impl From<CommentRefusal> for Error {
    fn from(refusal: CommentRefusal) -> Self {
        let code = match refusal {
            CommentRefusal::ReviewersToResolve => "reviewers_to_resolve",
            CommentRefusal::ContributorsToSay => "contributors_to_say",
            CommentRefusal::TooMany => "too_many_comments",
        };
        Error::refused(code, refusal.to_string())
    }
}

impl From<StateRefusal> for Error {
    fn from(refusal: StateRefusal) -> Self {
        let code = match refusal {
            StateRefusal::NothingAsked => "nothing_asked",
            StateRefusal::Archived => "archived",
            StateRefusal::NoWayBack => "no_way_back",
        };
        Error::refused(code, refusal.to_string())
    }
}

impl From<PasswordRefusal> for Error {
    fn from(refusal: PasswordRefusal) -> Self {
        let code = match refusal {
            PasswordRefusal::TooShort => "password_too_short",
            PasswordRefusal::TooLong => "password_too_long",
            PasswordRefusal::TooSimple => "password_too_simple",
        };
        Error::invalid("password", code, refusal.to_string())
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let (status, code) = self.status_and_code();
        if status.is_server_error() {
            let cause = match &self {
                Error::Store(error) => error.chain(),
                Error::Internal(cause) => cause.clone(),
                _ => String::new(),
            };
            tracing::error!(code, cause, "a request failed");
        }
        let mut error = json!({ "code": code, "message": self.message() });
        if let Some(request) = crate::wire::current_request() {
            error["request"] = request.into();
        }
        match &self {
            Error::Invalid(problems) => error["problems"] = json!(problems),
            Error::RefusedWith { details, .. } => error["details"] = details.clone(),
            _ => {}
        }
        let mut response = (status, Json(json!({ "error": error }))).into_response();
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Error::TooMany { retry_after_s } = self {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(retry_after_s));
        }
        response
    }
}
