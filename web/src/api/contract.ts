/**
 * Our types against the server's own description of itself: the build fails where a page would read a field that the
 * server does not send, or send one that it does not know (H8). Nothing here runs.
 */
import type { components } from './schema'
import type * as t from './types'

type Server = components['schemas']
/** Fields that one side has and the other has not: there must be none. */
type Unknown<Ours, Theirs> = Exclude<keyof Ours, keyof Theirs>
type None<Fields extends never> = Fields

export type Contract = [
  None<Unknown<t.Setup, Server['Setup']>>,
  None<Unknown<t.Session, Server['SessionBody']>>,
  None<Unknown<t.Membership, Server['MembershipBody']>>,
  None<Unknown<t.Project, Server['ProjectBody']>>,
  None<Unknown<t.Counts, Server['CountsBody']>>,
  None<Unknown<t.Template, Server['TemplateBody']>>,
  None<Unknown<t.OntologyVersion, Server['OntologyBody']>>,
  None<Unknown<t.Instructions, Server['InstructionsBody']>>,
  None<Unknown<t.Clause, Server['ClauseBody']>>,
  None<Unknown<t.QueueCounts, Server['QueueBody']>>,
  None<Unknown<t.Item, Server['ItemBody']>>,
  None<Unknown<t.ItemPicture, Server['PictureBody']>>,
  None<Unknown<t.Claims, Server['Claims']>>,
  None<Unknown<t.Receipt, Server['Receipt']>>,
  None<Unknown<t.SessionRow, Server['SessionRowBody']>>,
  None<Unknown<t.Organization, Server['OrganizationRowBody']>>,
  None<Unknown<t.Member, Server['MemberBody']>>,
  None<Unknown<t.Invitation, Server['InvitationBody']>>,
  None<Unknown<t.OpenInvitation, Server['OpenedInvitation']>>,
  None<Unknown<t.KeyRow, Server['KeyBody']>>,
  None<Unknown<t.Destruction, Server['Destruction']>>,
  None<Unknown<t.Progress, Server['ProgressBody']>>,
  None<Unknown<t.TaskRow, Server['TaskListBody']>>,
  None<Unknown<t.Task, Server['TaskBody']>>,
  None<Unknown<t.TaskAnswer, Server['AnswerBody']>>,
  None<Unknown<t.Work, Server['WorkBody']>>,
  None<Unknown<t.Quality, Server['QualityBody']>>,
  None<Unknown<t.Quality['cost'], Server['CostBody']>>,
  None<Unknown<NonNullable<t.Quality['audit']>, Server['AuditBody']>>,
  None<Unknown<t.Quality['weeks'][number], Server['WeekBody']>>,
  None<Unknown<t.Share, Server['ShareBody']>>,
  None<Unknown<t.OwnScore, Server['OwnScoreBody']>>,
  None<Unknown<t.Contest, Server['ContestBody']>>,
  None<Unknown<t.Thread, Server['ThreadBody']>>,
  None<Unknown<t.AnswerComment, Server['CommentBody']>>,
  None<Unknown<t.Inbox, Server['InboxBody']>>,
  None<Unknown<t.InboxItem, Server['InboxItem']>>,
  None<Unknown<t.Backend, Server['BackendBody']>>,
  None<Unknown<t.NewBackend, Server['NewBackend']>>,
  None<Unknown<t.ChangeBackend, Server['ChangeBackend']>>,
  None<Unknown<t.BackendSettings, Server['Settings']>>,
  None<Unknown<t.FetchRequest, Server['FetchRequest']>>,
  None<Unknown<t.LocalModel, Server['LocalModelBody']>>,
  None<Unknown<t.Prompter, Server['Prompter']>>,
  None<Unknown<t.Prompted, Server['PromptBody']>>,
  None<Unknown<t.TaskSuggestion, Server['TaskSuggestion']>>,
  None<Unknown<t.ModelOutcomes, Server['ModelOutcomes']>>,
]
