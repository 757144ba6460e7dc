import { CloudStage } from './CloudStage'
import { OneClass } from './OneClass'
import { PicturePart } from './PicturePart'
import { Prompt } from './Prompt'
import { RigStage } from './RigStage'
import { TextStage } from './TextStage'
import { ZoomBar } from './Tools'
import type { Bench } from './useBench'
import { VideoStage } from './VideoStage'

/** The item itself, as large as there is room. */
export function Stage({ bench: { editor, work, question, ontology } }: { bench: Bench }) {
  const { item } = work.claim
  const name = item.name || item.external_id
  if (question.media === 'text') return <><TextStage editor={editor} label={name} autoFocus={question.spans === true} /><OneClass editor={editor} /></>
  if (question.media === 'video') {
    return <VideoStage editor={editor} item={item} ontology={ontology} label={`${name}: video. The tracks are also in the timeline below it.`} autoFocus over={<><Prompt editor={editor} /><ZoomBar editor={editor} /></>} />
  }
  if (question.media === 'cloud') {
    return (
      <>
        <CloudStage editor={editor} item={item} label={name} autoFocus />
        <Prompt editor={editor} />
      </>
    )
  }
  if (item.cameras !== undefined) {
    return <RigStage editor={editor} item={item} label={`${name}: several pictures of one moment. The objects are also in the list beside them.`} autoFocus over={<><Prompt editor={editor} /><OneClass editor={editor} /><ZoomBar editor={editor} /></>} />
  }
  return (
    <>
      <PicturePart editor={editor} item={item} label={`${name}: picture. The objects are also in the list beside it.`} autoFocus />
      <Prompt editor={editor} />
      <OneClass editor={editor} />
      <ZoomBar editor={editor} />
    </>
  )
}
