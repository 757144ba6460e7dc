import type { Invitation } from '../../api/types'
import { CopyRow, Note } from '../../ui/Bits'
import { date } from '../../ui/format'

/** The link of an invitation: it is shown this once. */
export function InvitationLink({ invitation }: { invitation: Invitation }) {
  const link = invitation.link ? new URL(invitation.link, window.location.origin).href : null
  return (
    <>
      <Note tone="good" live title={invitation.mailed ? `A mail is on its way to ${invitation.email}.` : `Send this link to ${invitation.email}.`}>
        It works once, until {date(invitation.expires_at)}, and is shown only now.
      </Note>
      {link && <CopyRow text={link} label="Invitation link" />}
    </>
  )
}
