require ["vnd.dovecot.pipe", "copy", "imapsieve", "environment", "variables"];

# Emptying the Junk folder into the Trash says nothing about the mail.
if environment :matches "imap.mailbox" "*" {
  set "target" "${1}";
}
if string "${target}" ["Trash", "Deleted Messages", "Deleted Items", "INBOX.Trash"] {
  stop;
}
if environment :matches "imap.user" "*" {
  set "mailbox" "${1}";
}
pipe :copy "postmaster-complaint" ["${mailbox}", "--not-spam"];
