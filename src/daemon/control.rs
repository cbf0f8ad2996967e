//! The control socket: commands beside a daemon are run inside it.
//!
//! A connection carries one request, a line of JSON, and then its answer, lines of JSON until the
//! exit code. A command that asks whoever typed it something (`asked`) waits for one line back.
//! Whoever may write to the socket may ask; the file's mode sees to that.

use std::fs::{self, File, Permissions};
use std::io::{self, BufRead, BufReader, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::net::{UnixListener as StdListener, UnixStream as StdStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, oneshot};
use zeroize::Zeroizing;

use super::asked::{self, Asked, LONGEST_ANSWER};
use crate::config::Config;
use crate::domain::{Exit, NotAsked, Question};
use crate::files::{self, Access};
use crate::hooks::Stop;
use crate::round::Failure;

/// More bytes than any request has.
const LONGEST_REQUEST: u64 = 64 * 1024;

/// How long a client may take to say what it wants, and to take a piece of the answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// The longest path that an address of a socket holds on every system.
const LONGEST_ADDRESS: usize = 100;

/// What a client asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The form of this request.
    pub version: u32,
    /// The arguments as typed, without the program's name.
    pub args: Vec<String>,
    /// The configuration that the client means; none where it found none that it can read.
    pub config: Option<PathBuf>,
    /// Whether a person reads the answer in colour.
    pub colour: bool,
    /// Whether a person watches progress.
    pub watched: bool,
}

impl Request {
    /// The form that this program speaks.
    pub const VERSION: u32 = 1;
}

/// A piece of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Piece {
    /// For the client's stdout.
    Out(String),
    /// For its stderr.
    Err(String),
    /// A question to whoever typed the command; one line comes back.
    Ask(Asked),
    /// The end, with the exit code.
    Exit(u8),
}

/// What a command says.
#[derive(Debug)]
enum Said {
    Piece(Piece),
    Question(Asked, oneshot::Sender<Answer>),
}

/// What came back to a question.
type Answer = Result<SecretString, NotAsked>;

/// Where a command's answer goes. What is said after the client went away is lost, and nobody waits
/// for a client that does not listen.
#[derive(Debug, Clone)]
pub struct Answers(mpsc::UnboundedSender<Said>);

impl Answers {
    /// The client's stdout.
    #[must_use]
    pub fn out(&self) -> impl Write + Send + use<> {
        Pipe { to: self.0.clone(), piece: Piece::Out }
    }

    /// The client's stderr.
    #[must_use]
    pub fn err(&self) -> impl Write + Send + use<> {
        Pipe { to: self.0.clone(), piece: Piece::Err }
    }

    /// Asks whoever typed the command, and waits for what comes back, on a thread that may block.
    ///
    /// # Errors
    /// Nobody sits there, or whoever did went away; so it is too where the daemon stops.
    pub fn ask(&self, question: &Question) -> Result<SecretString, NotAsked> {
        let (to, answer) = oneshot::channel();
        self.0.send(Said::Question(question.into(), to)).map_err(|_| NotAsked::Ended)?;
        answer.blocking_recv().unwrap_or(Err(NotAsked::Ended))
    }

    /// Ends the answer.
    pub(super) fn exit(&self, code: u8) {
        let _ = self.0.send(Said::Piece(Piece::Exit(code)));
    }
}

struct Pipe {
    to: mpsc::UnboundedSender<Said>,
    piece: fn(String) -> Piece,
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let said = Said::Piece((self.piece)(text));
        self.to.send(said).map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The socket of a daemon; it goes when this is dropped.
#[derive(Debug)]
pub(super) struct Listener {
    socket: StdListener,
    path: PathBuf,
}

impl Listener {
    /// Takes the place of a socket that nobody listens at any more.
    ///
    /// # Errors
    /// Somebody listens there, or the socket cannot be made or given its mode or group.
    pub(super) fn bind(config: &Config) -> Result<Self, Failure> {
        let path = &config.control.socket;
        let group = group(config)?;
        let at_path = |error: &io::Error| unusable(path, error);
        if let Some(folder) = path.parent().filter(|folder| !folder.exists()) {
            files::make_folder(folder, &Access { mode: 0o644, group: None })?;
        }
        if connect(path).is_ok() {
            let message = format!("another daemon listens at {}", path.display());
            return Err(Failure::new(Exit::TryLater, message, "end it, or set control_socket"));
        }
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(at_path(&error)),
            _ => {}
        }
        let socket = by_short_name(path, |name| StdListener::bind(name));
        let listener = Self { socket: socket.map_err(|e| at_path(&e))?, path: path.clone() };
        let mode = if group.is_some() { 0o660 } else { 0o600 };
        // Under the service manager none can be given, but the own one fits.
        let has = fs::symlink_metadata(path).map_err(|e| at_path(&e))?.gid();
        if group.is_some_and(|group| group != has) {
            chown(path, None, group).map_err(|e| at_path(&e))?;
        }
        fs::set_permissions(path, Permissions::from_mode(mode)).map_err(|e| at_path(&e))?;
        Ok(listener)
    }

    /// Takes connections for ever, and hands on what each asks for. Nobody is waited for any more
    /// once it is told to stop.
    pub(super) async fn serve(
        self,
        stop: Stop,
        tell: impl Fn(Request, Answers) + Clone + Send + 'static,
    ) {
        let _gone_at_the_end = RemoveAtEnd(self.path);
        let listens =
            self.socket.set_nonblocking(true).and_then(|()| UnixListener::from_std(self.socket));
        let socket = match listens {
            Ok(socket) => socket,
            Err(error) => {
                tracing::warn!("the control socket cannot be used: {error}");
                return;
            }
        };
        loop {
            match socket.accept().await {
                Ok((stream, _)) => drop(tokio::spawn(talk(stream, stop.clone(), tell.clone()))),
                // Out of descriptors, for a while.
                Err(_) => tokio::time::sleep(Duration::from_secs(1)).await,
            }
        }
    }
}

struct RemoveAtEnd(PathBuf);

impl Drop for RemoveAtEnd {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn group(config: &Config) -> Result<Option<u32>, Failure> {
    let named = config.control.group.as_deref();
    named.map(files::group_id).transpose().map_err(|error| {
        let place = config.place(config.control.group_line, "control_group");
        Failure::new(Exit::Config, format!("{place}: {error}"), error.help())
    })
}

fn unusable(path: &Path, error: &io::Error) -> Failure {
    let message = format!("the control socket {} cannot be made: {error}", path.display());
    let help = "set control_socket to a place where this user can write";
    Failure::new(Exit::Io, message, help)
}

/// One connection: its request, and the answer piece by piece.
async fn talk(mut stream: UnixStream, stop: Stop, tell: impl Fn(Request, Answers)) {
    let (reading, mut writing) = stream.split();
    let mut line = String::new();
    let mut reading = tokio::io::BufReader::new(reading.take(LONGEST_REQUEST));
    let read = tokio::time::timeout(PATIENCE, reading.read_line(&mut line)).await;
    let (to, mut said) = mpsc::unbounded_channel();
    let answers = Answers(to);
    match read {
        Ok(Ok(_)) => match serde_json::from_str(&line) {
            Ok(request) => tell(request, answers),
            Err(_) => refuse(&answers),
        },
        _ => return,
    }
    while let Some(said) = said.recv().await {
        let (piece, asker) = match said {
            Said::Piece(piece) => (piece, None),
            Said::Question(question, asker) => (Piece::Ask(question), Some(asker)),
        };
        let mut line = serde_json::to_string(&piece).unwrap_or_default();
        line.push('\n');
        let written = tokio::time::timeout(PATIENCE, writing.write_all(line.as_bytes())).await;
        if !matches!(written, Ok(Ok(()))) {
            return;
        }
        if let Some(asker) = asker {
            reading.get_mut().set_limit(LONGEST_ANSWER as u64);
            let answer = tokio::select! {
                answer = answer(&mut reading) => answer,
                () = stop.told() => Err(NotAsked::Ended),
            };
            let _ = asker.send(answer);
        }
    }
}

/// Waits for the line that answers a question, as long as whoever types it takes.
async fn answer(reading: &mut (impl AsyncBufRead + Unpin)) -> Answer {
    let mut line = Zeroizing::new(Vec::with_capacity(LONGEST_ANSWER));
    match reading.read_until(b'\n', &mut line).await {
        Ok(_) if line.ends_with(b"\n") => asked::read(&line),
        _ => Err(NotAsked::Ended),
    }
}

fn refuse(answers: &Answers) {
    let _ = writeln!(answers.err(), "error: the daemon did not understand this request");
    answers.exit(Exit::Usage.code());
}

/// Why a daemon's answer did not come.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// Its socket may not be used by this user.
    #[error("a daemon runs, but you may not use its control socket {}", .0.display())]
    Forbidden(PathBuf),
    /// It ended before its answer did.
    #[error("the daemon ended before it had answered")]
    Lost,
}

/// Asks the daemon at a socket, passes its answer on as it comes, and its questions to `ask`.
///
/// `None` where nobody listens.
///
/// # Errors
/// [`CallError`].
pub fn call(
    socket: &Path,
    request: &Request,
    out: &mut dyn Write,
    err: &mut dyn Write,
    ask: &mut dyn FnMut(&Question) -> Result<SecretString, NotAsked>,
) -> Result<Option<u8>, CallError> {
    let mut stream = match connect(socket) {
        Ok(stream) => stream,
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            return Err(CallError::Forbidden(socket.to_owned()));
        }
        Err(_) => return Ok(None),
    };
    let mut line = serde_json::to_string(request).unwrap_or_default();
    line.push('\n');
    stream.write_all(line.as_bytes()).map_err(|_| CallError::Lost)?;
    for line in BufReader::new(&stream).lines() {
        let line = line.map_err(|_| CallError::Lost)?;
        match serde_json::from_str(&line).map_err(|_| CallError::Lost)? {
            Piece::Out(text) => drop(out.write_all(text.as_bytes()).and_then(|()| out.flush())),
            Piece::Err(text) => drop(err.write_all(text.as_bytes()).and_then(|()| err.flush())),
            Piece::Ask(question) => {
                let answer = asked::line(&ask(&question.into()));
                (&stream).write_all(&answer).map_err(|_| CallError::Lost)?;
            }
            Piece::Exit(code) => return Ok(Some(code)),
        }
    }
    Err(CallError::Lost)
}

fn connect(socket: &Path) -> io::Result<StdStream> {
    by_short_name(socket, |name| StdStream::connect(name))
}

/// Does something with a socket by a name that an address can hold: a long one is reached through
/// its folder.
fn by_short_name<T>(path: &Path, work: impl FnOnce(&Path) -> io::Result<T>) -> io::Result<T> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return work(path) };
    if path.as_os_str().len() <= LONGEST_ADDRESS {
        return work(path);
    }
    let folder = File::open(folder)?;
    work(&Path::new("/proc/self/fd").join(folder.as_raw_fd().to_string()).join(name))
}
