//! Claims that bear an `Idempotency-Key`.

use super::{ClaimRequest, Taken, take};
use crate::projects::visible;
use crate::{Cx, Error, Result};
use domain::queue::State;
use domain::{ProjectId, SlotId};

/// Takes slots under an `Idempotency-Key` (H3): a repeat gets those that the first call took, as far as
/// the caller still has them in hand.
pub(super) async fn claim(
    cx: &Cx,
    project: ProjectId,
    request: ClaimRequest,
) -> Result<Vec<Taken>> {
    let inner = cx.clone();
    let slots: Vec<SlotId> = cx
        .write(&request.clone(), move |tx| {
            let project = visible(tx, &inner, project)?;
            let taken = take(tx, &inner, &project, &request)?;
            Ok(taken.into_iter().map(|taken| taken.slot.id).collect())
        })
        .await?;
    let person = cx.person();
    cx.read(move |tx| {
        let mut taken = Vec::new();
        for slot in &slots {
            let slot = tx.slot(*slot)?.ok_or(Error::NotFound)?;
            if matches!(slot.slot.state, State::Held { by, .. } if by == person) {
                let task = tx.task(slot.task)?.ok_or(Error::NotFound)?;
                taken.push(Taken { slot, task });
            }
        }
        Ok(taken)
    })
    .await
}
