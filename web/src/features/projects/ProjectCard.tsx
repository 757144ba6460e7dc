import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { Project } from '../../api/types'
import { number, percent } from '../../ui/format'
import { ProjectBadge, QuestionPicture, questionText, TaskBar } from './bits'
import css from './bits.module.css'

/** A project at a glance; the whole card leads to it. */
export function ProjectCard({ project, acts }: { project: Project; acts?: ReactNode }) {
  const { counts } = project
  const all = counts.tasks - counts.canceled
  return (
    <article className={css.card}>
      <div className={css.top}>
        <QuestionPicture question={project.question} />
        <div>
          <Link to="/projects/$project" params={{ project: project.id }} className={css.cover} dir="auto">{project.name}</Link>
          <span className={css.what}>{questionText(project.question)}</span>
        </div>
        <ProjectBadge state={project.state} />
      </div>
      <TaskBar counts={counts} total={counts.tasks} />
      <div className={css.bottom}>
        {all > 0
          ? <><span>{number(counts.done)} of {number(all)} done</span><span>{percent(counts.done / all)}</span></>
          : <span>No data yet</span>}
      </div>
      {acts && <div className={css.acts}>{acts}</div>}
    </article>
  )
}
