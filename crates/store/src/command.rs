//! A command on its way through an engine: a closure over a transaction, and who waits for its answer.

use crate::engine::{Job, Ran};
use crate::{Error, Result, Tx};
use tokio::sync::oneshot;

/// A closure over a transaction, with the way back to its caller.
pub(crate) struct Command<F, T, E> {
    run: F,
    result: Option<Result<T, E>>,
    reply: Option<oneshot::Sender<Result<T, E>>>,
}

impl<F, T, E> Command<F, T, E> {
    pub(crate) fn new(run: F) -> (Box<Self>, oneshot::Receiver<Result<T, E>>) {
        let (reply, answer) = oneshot::channel();
        (Box::new(Self { run, result: None, reply: Some(reply) }), answer)
    }
}

impl<F, T, E> Job for Command<F, T, E>
where
    F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send,
    T: Send,
    E: From<Error> + AsStoreError + Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> Ran {
        let run = std::panic::AssertUnwindSafe(|| (self.run)(tx));
        let result = std::panic::catch_unwind(run)
            .unwrap_or_else(|_| Err(Error::Shared("a command panicked".into()).into()));
        let ran = match &result {
            Ok(_) => Ran::Keep,
            Err(error) if error.as_store_error().is_some_and(Error::is_conflict) => Ran::Again,
            Err(_) => Ran::Undo,
        };
        self.result = Some(result);
        ran
    }

    fn finish(mut self: Box<Self>, outcome: Result<()>) {
        let result = match outcome {
            Ok(()) => self.result.take().unwrap_or_else(|| Err(Error::Closed.into())),
            Err(error) => Err(error.into()),
        };
        if let Some(reply) = self.reply.take() {
            // The caller may have gone: what was done is done, and a repeat will find it so.
            let _ = reply.send(result);
        }
    }
}

/// An error of a command, which may be one of the store's.
pub trait AsStoreError {
    fn as_store_error(&self) -> Option<&Error>;
}

impl AsStoreError for Error {
    fn as_store_error(&self) -> Option<&Error> {
        Some(self)
    }
}
