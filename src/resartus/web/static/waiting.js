// A page that waits for work in the background: follows its steps, and gives way to the result.

const place = document.querySelector("#waiting");
const bar = place?.querySelector("progress");
const words = place?.querySelector(".meter span");
const said = document.querySelector("#waiting-said");

async function look() {
  const answer = await fetch(place.dataset.job).catch(() => null);
  // A server that is away is asked again; one that forgot the job is asked for the page.
  const job = answer?.ok ? await answer.json() : { state: answer ? "forgotten" : "away" };
  if (!["waiting", "running", "away"].includes(job.state)) { location.reload(); return; }
  if (job.n_all) {
    bar.max = job.n_all;
    bar.value = job.n_done;
    words.textContent = `${job.n_done} of ${job.n_all} steps done`;
    bar.setAttribute("aria-label", words.textContent);
  }
  const now = { waiting: "In line.", running: "Under way.", away: "The server does not answer." }[job.state];
  if (said.textContent !== now) said.textContent = now;
  setTimeout(look, 700);
}

if (place) setTimeout(look, 400);
