//! Reaches: which endpoints may open which connections to which endpoints, exactly, in the open world.
