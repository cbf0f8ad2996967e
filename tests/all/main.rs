//! The tests that need a real folder, a real store, a real socket or a real reader, in one binary.

#[path = "../../examples/sandbox/bank/mod.rs"]
mod bank;

mod answering;
mod asking;
mod bad_answers;
mod bad_inputs;
mod canaries;
mod choices;
mod client;
mod config;
mod connecting;
mod daemon;
mod daemon_rim;
mod doctor;
mod documents;
mod export_files;
mod fed;
mod files_room;
mod first_light;
mod glance;
mod help;
mod home;
mod hooks;
mod init;
mod jobs;
mod limits;
mod linking;
mod model;
mod packaging;
mod readers;
mod relinking;
mod renaming;
mod rooms;
mod sandbox;
mod shipped_hooks;
mod speed;
mod status_page;
mod terminal;
mod truth;
