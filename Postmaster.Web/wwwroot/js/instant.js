// Instants: the server writes UTC; here they become the reader's time, with UTC under the pointer.
const format = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

for (const time of document.querySelectorAll("time[data-instant]")) {
  const local = format.format(new Date(time.dateTime)).replace(",", "");
  if (time.dataset.instant === "absolute") {
    time.textContent = local;
  } else {
    time.title = `${local} (${time.title})`;
  }
}
