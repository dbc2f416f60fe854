//! The checker of histories is checked: against histories whose answer is known, against every
//! history of up to five calls decided by trying all orders, and on histories that clients of a
//! right store could have recorded.

mod brute;
mod every;
mod known;
mod simulated;
mod text;
