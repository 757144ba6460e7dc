//! Mail: plain text with a link. Where none is configured, nothing is sent, and the caller is told.

use crate::config::Smtp;
use crate::wire::Time;
use crate::{Error, Result};
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use std::time::Duration;

/// How long a mail server may take to accept one letter.
const SEND_TIMEOUT: Duration = Duration::from_secs(10);

pub struct Letter {
    pub subject: String,
    pub text: String,
}

/// The way to the mail server, if there is one.
#[derive(Default)]
pub struct Mailer(Option<(AsyncSmtpTransport<Tokio1Executor>, Mailbox)>);

impl Mailer {
    /// # Errors
    ///
    /// If the address of the server or the sender does not read.
    pub fn new(smtp: Option<&Smtp>) -> Result<Self> {
        let Some(smtp) = smtp else { return Ok(Self(None)) };
        let bad = |error: &dyn std::fmt::Display| {
            Error::Internal(format!("the mail settings do not read: {error}"))
        };
        let from = smtp.from.parse().map_err(|error| bad(&error))?;
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&smtp.url)
            .map_err(|error| bad(&error))?;
        Ok(Self(Some((transport.timeout(Some(SEND_TIMEOUT)).build(), from))))
    }

    /// Whether the mail server took the letter. A failure is logged, not passed on: whoever sends a
    /// link shows it as well.
    pub async fn send(&self, to: &str, letter: Letter) -> bool {
        let Some((transport, from)) = &self.0 else { return false };
        let message = match message(from, to, letter) {
            Ok(message) => message,
            Err(error) => {
                tracing::warn!(?error, "a letter could not be written");
                return false;
            }
        };
        match tokio::time::timeout(SEND_TIMEOUT, transport.send(message)).await {
            Ok(Ok(_)) => true,
            Ok(Err(error)) => {
                tracing::warn!(%error, "the mail server did not take a letter");
                false
            }
            Err(_) => {
                tracing::warn!("the mail server did not answer in time");
                false
            }
        }
    }
}

fn message(from: &Mailbox, to: &str, letter: Letter) -> Result<Message> {
    let bad = |error: &dyn std::fmt::Display| Error::Internal(error.to_string());
    let to = to.parse().map_err(|error| bad(&error))?;
    let builder =
        Message::builder().from(from.clone()).to(Mailbox::new(None, to)).subject(letter.subject);
    builder.header(ContentType::TEXT_PLAIN).body(letter.text).map_err(|error| bad(&error))
}

/// The letter that brings an invitation.
pub fn invitation(organization: &str, role: &str, link: &str, expires_at: Time) -> Letter {
    let until = expires_at.to_string();
    let day = until.split('T').next().unwrap_or_default();
    Letter {
        subject: format!("You are invited to {organization} on Fairmark"),
        text: format!(
            "You are invited to join {organization} on Fairmark as {role}.\n\n\
             Open this link to accept:\n\n{link}\n\n\
             It works once, until {day}. If you did not expect this, you need not do anything.\n"
        ),
    }
}
