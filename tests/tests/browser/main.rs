//! What is proved in a real browser. One program, so that it is linked once; behind the feature `browser`,
//! so that `./test quick` needs none.

mod crash;
mod damage;
mod drafts;
mod engines;
mod eviction;
mod full_device;
mod harness;
mod install;
mod journey;
mod kills;
mod lacking;
mod lock;
mod photo;
mod portal;
mod screenshots;
mod tabs;
mod unsent_work;
mod update;
