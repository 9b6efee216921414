// A sample that is being waited for: asks for its state, ever less often, and opens the page anew when it has changed.
const waiting = document.querySelector("[data-sample-state]");
let pause = 1000;

async function look() {
  if (!document.hidden) {
    try {
      const answer = await fetch(`/samples/${waiting.dataset.sample}/state`, { headers: { accept: "application/json" }, redirect: "error" });
      const { state } = await answer.json();
      if (state !== waiting.dataset.sampleState) {
        location.reload();
        return;
      }
    } catch {
      // The server or the network is away for a moment.
    }
    pause = Math.min(pause * 1.3, 15000);
  }
  setTimeout(look, pause);
}

if (waiting) {
  setTimeout(look, pause);
}
