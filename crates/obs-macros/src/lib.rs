//! Attribute macros of the obs toolkit.
