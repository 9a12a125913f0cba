#![doc = include_str!("several_processes.md")]
