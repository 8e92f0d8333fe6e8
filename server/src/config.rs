//! What can be set from outside: flags, and the same as environment variables.

use crate::store::Location;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Huixiao: meeting sales, from the invitation to the signature. One binary with the app inside.
#[derive(Parser, Debug)]
#[command(name = "huixiao", version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    #[command(subcommand)]
    task: Option<Task>,
    #[command(flatten)]
    config: Config,
}

/// What the binary can do.
#[derive(Subcommand, Debug)]
pub enum Task {
    /// Runs the server (also without this word).
    Serve(Config),
    #[command(flatten)]
    Keep(Keep),
    #[command(flatten)]
    Verify(Verify),
}

/// What looks at signed contracts, and changes nothing.
#[derive(Subcommand, Debug)]
pub enum Verify {
    /// Tells whether a file of evidence is exactly what was signed. Exits with 1 if not.
    VerifyContract {
        /// The file, as the app gives it.
        file: PathBuf,
        /// The organisation's public key, so that no database is needed.
        #[arg(long)]
        key: Option<String>,
        #[command(flatten)]
        place: Place,
    },
    /// Looks at every contract in the database and at the chain of every device. Exits with 1 if something is wrong.
    VerifyContracts {
        #[command(flatten)]
        place: Place,
    },
}

/// What keeps the data.
#[derive(Subcommand, Debug)]
pub enum Keep {
    /// Writes everything into a new file, while the server may go on.
    Backup {
        /// The file.
        file: PathBuf,
        #[command(flatten)]
        place: Place,
    },
    /// Fills the database from a backup, with the server stopped. Devices send again what they still have; everybody logs in again.
    Restore {
        /// The backup.
        file: PathBuf,
        /// What is in the database goes.
        #[arg(long)]
        replace: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Copies everything into another, empty database, with the server stopped: sqlite:FILE or postgres://USER:PASSWORD@HOST/DATABASE.
    Copy {
        /// From where.
        #[arg(long)]
        from: String,
        /// To where.
        #[arg(long)]
        to: String,
    },
}

/// Where everything is kept.
#[derive(Args, Clone, Debug)]
pub struct Place {
    /// Folder for everything that is kept.
    #[arg(long, env = "HUIXIAO_DATA", default_value = "./data")]
    pub data: PathBuf,
    /// Database, as sqlite:FILE or postgres://USER:PASSWORD@HOST/DATABASE; by default huixiao.db in the data folder.
    #[arg(long, env = "HUIXIAO_DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
}

/// What must not be shown: a password, a key, or something that may hold one.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The secret itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// By what guests are reminded on the day before. Without a mail server and a gateway nothing is sent, and nothing queued.
#[derive(Args, Clone, Debug, Default)]
pub struct Reminding {
    /// Where guests reach this server, for the links in what they are sent: https://HOST.
    #[arg(long, env = "HUIXIAO_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// Mail server for reminders: smtps://USER:PASSWORD@HOST:PORT, or smtp://USER:PASSWORD@HOST:PORT?tls=required.
    #[arg(long, env = "HUIXIAO_SMTP_URL", hide_env_values = true)]
    pub smtp_url: Option<Secret>,
    /// Address from which reminders are mailed.
    #[arg(long, env = "HUIXIAO_MAIL_FROM")]
    pub mail_from: Option<String>,
    /// Gateway for reminders by text message.
    #[arg(long, env = "HUIXIAO_SMS_URL", hide_env_values = true)]
    pub sms_url: Option<Secret>,
    /// How the gateway is asked.
    #[arg(long, env = "HUIXIAO_SMS_METHOD", value_enum, default_value_t)]
    pub sms_method: SmsMethod,
    /// A header for the gateway, as NAME: VALUE; may be repeated (in the environment: one a line). Content-Type says how the body is escaped.
    #[arg(long, env = "HUIXIAO_SMS_HEADERS", hide_env_values = true, value_delimiter = '\n')]
    pub sms_header: Vec<Secret>,
    /// What the gateway is sent, as JSON or form fields with {to} (+886912345678) or {digits} (886912345678), {text} and {id} in it.
    #[arg(long, env = "HUIXIAO_SMS_BODY", hide_env_values = true)]
    pub sms_body: Option<Secret>,
}

/// How a gateway is asked. Not by GET: addresses are logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "UPPER")]
pub enum SmsMethod {
    /// POST.
    #[default]
    Post,
    /// PUT.
    Put,
}

/// How the server runs.
#[derive(Args, Clone, Debug)]
pub struct Config {
    /// Address and port on which the server listens.
    #[arg(long, env = "HUIXIAO_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    #[command(flatten)]
    pub place: Place,
    /// Folder for photos and other files, which servers on one database share; by default files in the data folder.
    #[arg(long, env = "HUIXIAO_FILES")]
    pub files: Option<PathBuf>,
    /// Begin with an empty organisation instead of the demo company.
    #[arg(long, env = "HUIXIAO_NO_DEMO", value_parser = clap::builder::FalseyValueParser::new())]
    pub no_demo: bool,
    /// A TLS proxy stands before the server: cookies are for HTTPS only, and the proxy's X-Forwarded-For is believed.
    #[arg(long, env = "HUIXIAO_SECURE_COOKIES", value_parser = clap::builder::FalseyValueParser::new())]
    pub secure_cookies: bool,
    #[command(flatten)]
    pub reminding: Reminding,
}

impl Cli {
    /// What to do.
    #[must_use]
    pub fn into_task(self) -> Task {
        self.task.unwrap_or(Task::Serve(self.config))
    }
}

impl Config {
    /// Where files are.
    #[must_use]
    pub fn files(&self) -> PathBuf {
        self.files.clone().unwrap_or_else(|| self.place.data.join("files"))
    }
}

impl Place {
    /// Where the database is.
    ///
    /// # Errors
    /// A line that says which URLs are understood.
    pub fn database(&self) -> Result<Location, String> {
        self.database_url.as_ref().map_or_else(|| Ok(Location::Sqlite(self.data.join("huixiao.db"))), |url| location(url))
    }

    /// Makes the data folder if it is not there: for nobody but the server's account, because seeds and customers lie in it. One that is there
    /// stays as its owner wants it.
    ///
    /// # Errors
    /// Why it cannot be made.
    pub fn make_folder(&self) -> std::io::Result<()> {
        let mut folder = std::fs::DirBuilder::new();
        folder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
        folder.create(&self.data)
    }
}

/// Where a URL says that the database is.
///
/// # Errors
/// A line that says which URLs are understood; it does not repeat the URL, which may hold a password.
pub fn location(url: &str) -> Result<Location, String> {
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok(Location::Postgres(url.to_owned()));
    }
    let file = url.strip_prefix("sqlite:").ok_or_else(|| "the database URL must be sqlite:FILE or postgres://…".to_owned())?;
    let file = file.strip_prefix("//").unwrap_or(file);
    if file.is_empty() { Err("the database URL names no file: sqlite:FILE".to_owned()) } else { Ok(Location::Sqlite(file.into())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(args: &[&str]) -> Config {
        match Cli::try_parse_from([&["huixiao"], args].concat()).expect("these arguments are valid").into_task() {
            Task::Serve(config) => config,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn serve_may_be_said_or_left_out() {
        for args in [&["--listen", "127.0.0.1:9"][..], &["serve", "--listen", "127.0.0.1:9"]] {
            assert_eq!(config(args).listen.port(), 9);
        }
    }

    #[test]
    fn b7_secrets_are_read_and_not_shown() {
        let headers = ["--sms-header", "Content-Type: application/json\nAuthorization: s3cret"];
        let all = [&["--smtp-url", "smtps://us:s3cret@mail", "--sms-body", "s3cret", "--sms-method", "PUT"][..], &headers].concat();
        let config = config(&all);
        let reminding = &config.reminding;
        assert_eq!((reminding.sms_header.len(), reminding.sms_header[1].reveal()), (2, "Authorization: s3cret"));
        assert_eq!(reminding.sms_method, SmsMethod::Put);
        assert!(!format!("{config:?}").contains("s3cret"));
    }

    #[cfg(unix)]
    #[test]
    fn a_new_data_folder_is_for_the_servers_account_alone() {
        use std::os::unix::fs::PermissionsExt;
        let above = tempfile::tempdir().expect("a folder");
        let data = above.path().join("new/data");
        let place = config(&["--data", data.to_str().expect("a path")]).place;
        let mode = || std::fs::metadata(&data).expect("made").permissions().mode() & 0o777;
        place.make_folder().expect("made");
        assert_eq!(mode(), 0o700);
        std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o750)).expect("changed");
        place.make_folder().expect("there");
        assert_eq!(mode(), 0o750, "its owner's wish");
    }

    #[test]
    fn two_kinds_of_database_urls_are_understood() {
        let database = |url| config(&["--database-url", url]).place.database();
        assert_eq!(database("sqlite:/tmp/a.db"), Ok(Location::Sqlite("/tmp/a.db".into())));
        assert_eq!(database("sqlite://a.db"), Ok(Location::Sqlite("a.db".into())));
        assert_eq!(database("postgres://localhost/huixiao"), Ok(Location::Postgres("postgres://localhost/huixiao".into())));
        assert!(database("mysql://localhost/huixiao").is_err());
        assert!(database("sqlite:").is_err());
    }
}
