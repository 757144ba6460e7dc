/** The long work of the editor, beside the page. */
import { type Job, doJob } from '../../../canvas/kernels/jobs'

self.onmessage = ({ data }: MessageEvent<Job>) => {
  const outcome = doJob(data)
  self.postMessage(outcome)
}
