//! Rows are made on a thread of their own while others are taken, so that both take no longer than the slower of the
//! two. They go over in batches; a few wait at most, so that memory stays bounded.

use std::panic::resume_unwind;
use std::sync::mpsc::sync_channel;
use std::thread::scope;

/// How many rows, and about how many bytes of them, go over at once.
const BATCH_ROWS: usize = 128;
const BATCH_BYTES: usize = 256 << 10;
/// How many batches may wait.
const WAITING: usize = 2;
/// What is shorter is not worth a thread.
pub(super) const WORTH_BYTES: u64 = 1 << 20;

/// Hands over a row and about how many bytes it has; answers whether more are wanted.
pub(super) type Hand<'a, T> = dyn FnMut(T, usize) -> bool + 'a;

/// Gives `take` each row that `make` hands over, in their order, until one of them ends; answers what `make` said.
pub(super) fn ahead<T: Send, R: Send, E>(
    worth: bool,
    make: impl FnOnce(&mut Hand<T>) -> R + Send,
    mut take: impl FnMut(T) -> Result<(), E>,
) -> Result<R, E> {
    if !worth {
        let mut taken = Ok(());
        let made = make(&mut |row, _| {
            taken = take(row);
            taken.is_ok()
        });
        return taken.map(|()| made);
    }
    let (send, wait) = sync_channel::<Vec<T>>(WAITING);
    scope(|scope| {
        let making = scope.spawn(move || {
            let (mut batch, mut bytes) = (Vec::new(), 0);
            let made = make(&mut |row, size| {
                batch.push(row);
                bytes += size;
                if batch.len() < BATCH_ROWS && bytes < BATCH_BYTES {
                    return true;
                }
                bytes = 0;
                send.send(std::mem::take(&mut batch)).is_ok()
            });
            // Nobody may be there any more.
            let _ = send.send(batch);
            made
        });
        // Where it breaks off, nobody waits any more, and the thread ends.
        for row in wait.into_iter().flatten() {
            take(row)?;
        }
        Ok(making.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_in_their_order_and_none_is_made_in_vain() {
        for worth in [false, true] {
            let mut made = 0;
            let mut taken = Vec::new();
            let all = ahead(
                worth,
                |hand| (0..1_000).take_while(|row| hand(*row, 1_000)).count(),
                |row| {
                    taken.push(row);
                    Ok::<(), ()>(())
                },
            );
            assert_eq!((all, taken), (Ok(1_000), (0..1_000).collect()));
            let broken = ahead(
                worth,
                |hand| {
                    while hand(made, 1_000) {
                        made += 1;
                    }
                },
                |row| if row == 300 { Err("full") } else { Ok(()) },
            );
            assert_eq!(broken, Err("full"));
            assert!(made < 300 + BATCH_ROWS * (WAITING + 3), "{made}");
        }
    }
}
