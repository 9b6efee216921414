require ["vnd.dovecot.pipe", "copy", "imapsieve", "environment", "variables"];

if environment :matches "imap.user" "*" {
  set "mailbox" "${1}";
}
pipe :copy "postmaster-complaint" ["${mailbox}"];
