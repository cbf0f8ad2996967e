//! The server: one thread with a runtime of its own, stopped when its handle goes.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{Response, request::Parts};
use serde_json::Value;
use tokio::sync::oneshot;

use super::answer::answer;
use super::door::{Admitted, Refusal, admit};
use super::endpoint::Endpoint;
use super::fault::Fault;
use super::line::{Gate, Reins};
use super::transport::Reply;
use super::world::World;

/// One call, as it was logged. Its `Authorization` is not.
#[derive(Debug, Clone)]
pub struct Call {
    /// The endpoint, where the path is one.
    pub endpoint: Option<Endpoint>,
    /// Method and path.
    pub request: String,
    /// The name of the family that signed it, where one did.
    pub user: Option<String>,
    /// The body, where it was one.
    pub body: Value,
    /// The status that was answered.
    pub status: u16,
    /// Why it was refused.
    pub refusal: Option<String>,
}

/// A bank that runs until this is dropped.
pub struct Bank {
    address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    world: World,
    calls: Vec<Call>,
    violations: Vec<String>,
    watchers: Vec<Sender<Call>>,
}

/// The largest body of a call.
const CALL_BYTES: usize = 1 << 20;

impl Bank {
    /// Runs a bank on a free port of loopback.
    pub fn start(world: World) -> Self {
        Self::start_on(0, world).expect("loopback has a free port")
    }

    /// Runs a bank on a port of loopback.
    ///
    /// # Errors
    /// The port is taken, or a thread cannot be had.
    pub fn start_on(port: u16, world: World) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let (calls, violations, watchers) = (Vec::new(), Vec::new(), Vec::new());
        let shared = Arc::new(Mutex::new(Shared { world, calls, violations, watchers }));
        let (stop, stopped) = oneshot::channel();
        let state = Arc::clone(&shared);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let thread = thread::Builder::new().name("sandbox bank".to_owned()).spawn(move || {
            // A dropped runtime ends every connection, however slow its answer is.
            runtime.block_on(async {
                tokio::select! {
                    () = serve(listener, state) => {}
                    _ = stopped => {}
                }
            });
        })?;
        Ok(Self { address, shared, stop: Some(stop), thread: Some(thread) })
    }

    /// The base URL, `http://127.0.0.1:PORT/api`.
    pub fn base_url(&self) -> String {
        format!("http://{}/api", self.address)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Looks at the world or changes it, between two calls.
    pub fn edit<T>(&self, edit: impl FnOnce(&mut World) -> T) -> T {
        edit(&mut lock(&self.shared).world)
    }

    /// The calls so far.
    pub fn calls(&self) -> Vec<Call> {
        lock(&self.shared).calls.clone()
    }

    /// How many calls of an endpoint there were.
    pub fn count(&self, endpoint: Endpoint) -> usize {
        lock(&self.shared).calls.iter().filter(|call| call.endpoint == Some(endpoint)).count()
    }

    /// Forgets the calls so far; violations stay.
    pub fn forget_calls(&self) {
        lock(&self.shared).calls.clear();
    }

    /// What callers did that they should not have done.
    pub fn violations(&self) -> Vec<String> {
        lock(&self.shared).violations.clone()
    }

    /// Every call from now on, as it comes.
    pub fn watch(&self) -> Receiver<Call> {
        let (sender, receiver) = channel();
        lock(&self.shared).watchers.push(sender);
        receiver
    }
}

impl Drop for Bank {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the server was already printed by its own thread.
            let _ = thread.join();
        }
    }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(listener: TcpListener, shared: Arc<Mutex<Shared>>) {
    let listener = tokio::net::TcpListener::from_std(listener).expect("the runtime is running");
    let router = Router::new().fallback(handle).with_state(shared);
    let service = router.into_make_service_with_connect_info::<Reins>();
    // It only ever ends with the runtime.
    let _ = axum::serve(Gate(listener), service).await;
}

async fn handle(
    State(shared): State<Arc<Mutex<Shared>>>,
    ConnectInfo(reins): ConnectInfo<Reins>,
    request: Request,
) -> Response<Body> {
    let (head, body) = request.into_parts();
    let reply = match to_bytes(body, CALL_BYTES).await {
        Ok(body) => lock(&shared).respond(&head, &body),
        Err(_) => Reply::message(413, "the body is too large or was cut"),
    };
    reins.next_answer(reply.stops.clone());
    reply.into_response()
}

impl Shared {
    fn respond(&mut self, head: &Parts, body: &[u8]) -> Reply {
        let mut call = Call {
            endpoint: Endpoint::of(head.uri.path()),
            request: format!("{} {}", head.method, head.uri.path()),
            user: None,
            body: Value::Null,
            status: 0,
            refusal: None,
        };
        let mut reply = match admit(&self.world, head, body) {
            Ok(admitted) => {
                call.user = Some(admitted.user.clone());
                call.body = admitted.body.value();
                self.answer(&admitted, &mut call)
            }
            Err(refusal) => refuse(refusal, &mut call),
        };
        if self.world.tells_its_day {
            reply.date(self.world.today);
        }
        call.status = reply.status;
        self.watchers.retain(|watcher| watcher.send(call.clone()).is_ok());
        self.calls.push(call);
        reply
    }

    /// Answers a call that passed the door, with all that is told to go wrong.
    fn answer(&mut self, admitted: &Admitted, call: &mut Call) -> Reply {
        let rules = self.world.rules.iter_mut();
        let faults: Vec<Fault> =
            rules.filter_map(|rule| rule.meets(admitted).then(|| rule.fault.clone())).collect();
        let mut reply = if self.over_quota() {
            Reply::message(429, "the month's quota is used up")
        } else if let Some(refused) = faults.iter().find_map(Fault::refuses) {
            refused
        } else {
            self.plain_answer(admitted, &faults, call)
        };
        for fault in &faults {
            fault.spoil(&mut reply);
        }
        reply
    }

    fn plain_answer(&mut self, admitted: &Admitted, faults: &[Fault], call: &mut Call) -> Reply {
        let answer = answer(&mut self.world, admitted);
        self.violations.extend(answer.violation);
        match answer.result {
            Ok(mut json) => {
                for fault in faults {
                    fault.shape(&mut json, admitted.endpoint);
                }
                Reply::json(200, &json)
            }
            Err(refusal) => refuse(refusal, call),
        }
    }

    fn over_quota(&mut self) -> bool {
        let over = self.world.quota == Some(0);
        self.world.quota = self.world.quota.map(|left| left.saturating_sub(1));
        over
    }
}

fn refuse(refusal: Refusal, call: &mut Call) -> Reply {
    let reply = Reply::message(refusal.status, &refusal.why);
    call.refusal = Some(refusal.why);
    reply
}
