#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cashfree_fuzz::webhook::holds(data));
