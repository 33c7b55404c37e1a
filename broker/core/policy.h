struct nrm_policy;
