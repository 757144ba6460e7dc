import type { Elsewhere } from '../../../canvas'

/** Does long work in a worker, one job at a time; to cancel is to end the worker, and the next job has another. */
export const beside = (): { readonly elsewhere: Elsewhere; end(): void } => {
  let worker: Worker | null = null
  const end = () => {
    worker?.terminate()
    worker = null
  }
  const elsewhere: Elsewhere = (job) => {
    worker ??= new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
    const mine = worker
    const done = new Promise<never>((resolve, reject) => {
      mine.onmessage = ({ data }) => resolve(data as never)
      mine.onerror = (event) => {
        if (worker === mine) end()
        reject(new Error(event.message))
      }
      mine.postMessage(job)
    })
    return { done, cancel: () => worker === mine && end() }
  }
  return { elsewhere, end }
}
