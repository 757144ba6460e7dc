//! Where an installation keeps its things, and how a command on the same machine comes to them.

use crate::failure::{Doing, Failure, Result};
use crate::print::Print;
use clap::Args;
use serde::Deserialize;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use store::blobs::{Blobs, S3Config};
use store::keys::{RootKey, RootSource};
use store::{Backend, OrganizationRow, Stores};

/// Every setting may stand in the file named by `--config`, under the name of its flag. What is
/// given as a flag or in the environment wins.
#[derive(Args, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Place {
    /// A TOML file of settings, named like the flags: `data-dir = "/srv/fairmark"`.
    #[arg(long, env = "FAIRMARK_CONFIG", value_name = "FILE")]
    #[serde(skip)]
    pub config: Option<PathBuf>,
    /// Where the stores, the blobs and the root key live [default: fairmark-data].
    #[arg(long, env = "FAIRMARK_DATA_DIR", value_name = "FOLDER")]
    pub data_dir: Option<PathBuf>,
    /// Keep the stores in PostgreSQL instead: postgres://user:password@host/database
    #[arg(long, env = "FAIRMARK_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// What the names of the schemas begin with, where installations share a database [default: fairmark_].
    #[arg(long, env = "FAIRMARK_DATABASE_PREFIX", value_name = "TEXT")]
    pub database_prefix: Option<String>,
    /// The file of the root key [default: root.key in the data folder]. The key itself may stand in
    /// FAIRMARK_ROOT_KEY instead.
    #[arg(long, env = "FAIRMARK_ROOT_KEY_FILE", value_name = "FILE")]
    pub root_key_file: Option<PathBuf>,
    /// Keep the blobs in this S3 bucket instead of the data folder.
    #[arg(long, env = "FAIRMARK_S3_BUCKET", value_name = "NAME")]
    pub s3_bucket: Option<String>,
    /// Where the bucket is, unless it is Amazon's: https://…
    #[arg(long, env = "FAIRMARK_S3_ENDPOINT", value_name = "URL")]
    pub s3_endpoint: Option<String>,
    /// The region of the bucket [default: us-east-1].
    #[arg(long, env = "FAIRMARK_S3_REGION", value_name = "NAME")]
    pub s3_region: Option<String>,
    /// What every key in the bucket begins with.
    #[arg(long, env = "FAIRMARK_S3_PREFIX", value_name = "TEXT")]
    pub s3_prefix: Option<String>,
    /// Who uses the bucket. The secret stands in FAIRMARK_S3_SECRET_ACCESS_KEY.
    #[arg(long, env = "FAIRMARK_S3_ACCESS_KEY_ID", value_name = "ID")]
    pub s3_access_key_id: Option<String>,
    /// Better left to the environment: other users of the machine see flags.
    #[arg(
        long,
        env = "FAIRMARK_S3_SECRET_ACCESS_KEY",
        hide_env_values = true,
        value_name = "SECRET"
    )]
    pub s3_secret_access_key: Option<String>,
}

/// Takes each field of the other that is not set here.
macro_rules! or {
    ($this:expr, $other:expr, $($field:ident),* $(,)?) => {
        $( if $this.$field.is_none() { $this.$field = $other.$field; } )*
    };
}
pub(crate) use or;

/// Reads a file of settings; a name that no flag has is an error, so that a misspelt one shows.
pub fn read_config<T: serde::de::DeserializeOwned>(
    path: &Path,
    known: &clap::Command,
) -> Result<T> {
    let what = format!("the configuration {}", path.display());
    let text = std::fs::read_to_string(path).doing(&what)?;
    let table: toml::Table = text.parse().doing(&what)?;
    for name in table.keys() {
        let is_known = known
            .get_arguments()
            .any(|argument| argument.get_long() == Some(name) && name != "config");
        if !is_known {
            return Err(Failure::usage(format!("{what}: there is no setting called {name}")).mend(
                "The settings are the long flags of `fairmark serve --help`, without the dashes.",
            ));
        }
    }
    table.try_into().doing(&what)
}

impl Place {
    /// Takes from the configuration what no flag and no variable says.
    pub fn with_config(self) -> Result<Self> {
        let Some(path) = self.config.clone() else { return Ok(self) };
        // A server's file may say more than a place needs.
        let file = read_config(&path, &crate::serve::settings())?;
        Ok(self.or(file))
    }

    pub fn or(mut self, file: Place) -> Self {
        or!(
            self,
            file,
            data_dir,
            database_url,
            database_prefix,
            root_key_file,
            s3_bucket,
            s3_endpoint,
            s3_region,
            s3_prefix,
            s3_access_key_id,
            s3_secret_access_key
        );
        self
    }

    pub fn folder(&self) -> PathBuf {
        self.data_dir.clone().unwrap_or_else(|| "fairmark-data".into())
    }

    pub fn root_key_path(&self) -> PathBuf {
        self.root_key_file.clone().unwrap_or_else(|| self.folder().join("root.key"))
    }

    pub fn backend(&self) -> Backend {
        match &self.database_url {
            Some(url) => {
                let prefix = self.database_prefix.clone().unwrap_or_else(|| "fairmark_".into());
                Backend::Postgres { url: url.clone(), prefix }
            }
            None => Backend::Folder(self.folder()),
        }
    }

    /// The root key: from the environment, or its file, or new where `make` says so.
    pub fn root_key(&self, make: Make) -> Result<RootKey> {
        if let Ok(text) = std::env::var("FAIRMARK_ROOT_KEY") {
            if self.root_key_file.is_some() {
                return Err(Failure::usage("both --root-key-file and FAIRMARK_ROOT_KEY are given")
                    .mend("Give one of them: which of the two keys is meant cannot be guessed."));
            }
            return RootKey::open(RootSource::Value(&text)).doing("FAIRMARK_ROOT_KEY");
        }
        let path = self.root_key_path();
        let source = match make {
            // A file that somebody names is there, or misspelt: a new key would open nothing.
            Make::IfMissing if self.root_key_file.is_none() => RootSource::FileOrNew(&path),
            Make::IfMissing | Make::Never => RootSource::File(&path),
        };
        RootKey::open(source).doing("the root key").map_err(|failure| match self.root_key_file {
            Some(_) => failure.mend(
                "Make one with `head -c 32 /dev/urandom | base64`, readable by its owner only.",
            ),
            None => failure,
        })
    }

    pub fn blobs(&self) -> Result<Blobs> {
        let folder = self.folder();
        let Some(bucket) = &self.s3_bucket else {
            return Blobs::local(folder.join("blobs")).doing("the folder of the blobs");
        };
        let missing = |flag: &str| Failure::usage(format!("--s3-bucket needs --{flag}"));
        let config = S3Config {
            endpoint: self.s3_endpoint.clone(),
            region: self.s3_region.clone().unwrap_or_else(|| "us-east-1".into()),
            bucket: bucket.clone(),
            prefix: self.s3_prefix.clone().unwrap_or_default(),
            access_key_id: self
                .s3_access_key_id
                .clone()
                .ok_or_else(|| missing("s3-access-key-id"))?,
            secret_access_key: self
                .s3_secret_access_key
                .clone()
                .ok_or_else(|| missing("s3-secret-access-key"))?,
            staging: folder.join("staging"),
        };
        Blobs::s3(config).doing("the bucket of the blobs")
    }

    /// Opens the stores of an installation, which must be there unless `make` says otherwise.
    /// To be called on a thread that may wait, inside the runtime.
    pub fn open(&self, make: Make) -> Result<Stores> {
        let folder = self.folder();
        let shown = folder.display().to_string();
        if make == Make::Never
            && self.database_url.is_none()
            && !folder.join("control.db").is_file()
        {
            return Err(Failure::new(format!("there is no installation in {}", folder.display()))
                .mend("Name its folder with --data-dir, or its database with --database-url; `fairmark serve` makes a new one."));
        }
        // Before anything is put there: its first file, the root key, would make it open to others.
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder).doing(&shown)?;
        let root = self.root_key(make)?;
        let blobs = self.blobs()?;
        Ok(Stores::open(self.backend(), root, blobs)?)
    }
}

/// Whether a command may begin an installation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Make {
    IfMissing,
    Never,
}

/// Runs a command that waits for disks and databases on a thread where that holds nobody up.
pub async fn blocking<T: Send + 'static>(
    print: &Print,
    run: impl FnOnce(&Print) -> Result<T> + Send + 'static,
) -> Result<T> {
    let print = *print;
    match tokio::task::spawn_blocking(move || run(&print)).await {
        Ok(outcome) => outcome,
        Err(error) => Err(Failure::new(format!("the command broke off: {error}"))),
    }
}

/// The organization of this name, or of this id.
pub fn organization(stores: &Stores, name: &str) -> Result<OrganizationRow> {
    let wanted = name.to_string();
    let all = stores.control().read_now(|tx| tx.organizations())?;
    let found = all.iter().find(|one| one.name == wanted || one.id.to_string() == wanted);
    found.cloned().ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|one| one.name.as_str()).collect();
        let mend = match names[..] {
            [] => "There is none yet: `fairmark organization create NAME`.".to_string(),
            _ => format!("There are: {}.", names.join(", ")),
        };
        Failure::new(format!("there is no organization called {name}")).mend(mend)
    })
}
