global using MailAddress = System.String;
