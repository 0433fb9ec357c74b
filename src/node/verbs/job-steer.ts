// `job pause`, `job resume`, `job stop`: what a job's creator, or an admin, may say to all machines.
import type { JobView } from '../../ui/api.ts';
import { connectClient } from '../cli/client.ts';
import { UsageError, type Verb } from '../cli/verb.ts';

function steering(action: 'pause' | 'resume' | 'stop', summary: string, done: string): Verb {
  return {
    name: `job ${action}`,
    summary,
    positionals: ['<JOB>'],
    options: {},
    async run(context) {
      const client = connectClient(context.dataDir);
      const [wanted] = context.positionals as [string];
      const found = (await client.all<JobView>('jobs')).filter(
        ({ id, name }) => id.startsWith(wanted) || name === wanted,
      );
      const [job] = found;
      if (job === undefined || found.length > 1) {
        const message = `${found.length === 0 ? 'No job has' : 'Several jobs have'} the name or the first digits ${wanted}.`;
        throw new UsageError('job_unknown', message, 'JOB');
      }
      const changed = await client.patch<JobView>(`jobs/${job.id}`, { action });
      if (context.json) context.document(changed);
      else context.print(`“${changed.name}” ${done}`);
      return 0;
    },
  };
}

export const jobPauseVerb = steering('pause', 'no machine takes units of this job until it is resumed', 'is paused.');
export const jobResumeVerb = steering('resume', 'machines take units of this job again', 'goes on.');
export const jobStopVerb = steering('stop', 'end a job for good; its results stay', 'is stopped; its results stay.');
