// Made by tools/openapi from the server's description. Not edited by hand.

export interface paths {
    "/api/answers/{answer}/comments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_comments"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/answers/{answer}/comments/{submission}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put: operations["put_comment"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/answers/{answer}/contest": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put: operations["put_contest"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/answers/{answer}/decision": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["post_decision"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/answers/{answer}/read": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put: operations["put_read"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/backends/{backend}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete: operations["delete_backend"];
        options?: never;
        head?: never;
        patch: operations["patch_backend"];
        trace?: never;
    };
    "/api/backends/{backend}/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["post_check"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/backends/{backend}/fetch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["post_fetch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/backends/{backend}/train": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["post_train"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/comments/{comment}/state": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put: operations["put_thread_state"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/inbox": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_inbox"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/inbox/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_inbox_live"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/invitations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The invitations that nobody has used or revoked; those that have run out are among them. */
        get: operations["get_invitations"];
        put?: never;
        post: operations["post_invitation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/invitations/{invitation}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete: operations["delete_invitation"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/invitations/accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["post_accept"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/invitations/open": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["post_open"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/items/{item}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_item"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/items/{item}/cameras/{camera}/full": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_camera_full"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/items/{item}/cameras/{camera}/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_camera_preview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/items/{item}/cameras/{camera}/thumb": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_camera_thumb"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/items/{item}/cameras/{camera}/tiles/{level}/{col}/{row}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_camera_tile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/items/{item}/clouds/{cloud}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_cloud"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/items/{item}/clouds/{cloud}/cameras/{camera}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_camera"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/items/{item}/clouds/{cloud}/points": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_points"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/items/{item}/frames": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_frames"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/items/{item}/full": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_full"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/items/{item}/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_item_preview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/items/{item}/thumb": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_thumb"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/items/{item}/tiles/{level}/{col}/{row}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_tile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/items/{item}/video": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_video"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_jobs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs/{job}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_job"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs/{job}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["post_job_cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs/{job}/errors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_errors"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/kept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_kept"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/kept/{entry}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put: operations["put_kept"];
        post?: never;
        delete: operations["delete_kept"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_keys"];
        put?: never;
        post: operations["post_key"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/keys/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete: operations["delete_key"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/lent/{pass}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_lent"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_live"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_members"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/members/{person}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete: operations["delete_member"];
        options?: never;
        head?: never;
        patch: operations["patch_member"];
        trace?: never;
    };
    "/api/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_models"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/organization": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * The second step: the keys go, then the doors close. If the process ends in between, the same
         *     call goes on; so it asks the control store who owns, and not the store that may be gone.
         */
        delete: operations["delete_organization"];
        options?: never;
        head?: never;
        patch: operations["patch_organization"];
        trace?: never;
    };
    "/api/organization/destruction": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The first step: says what shall be destroyed, and gets a confirmation that is good for ten
         *     minutes. Nothing is destroyed yet.
         */
        post: operations["post_destruction"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/organizations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_organizations"];
        put?: never;
        post: operations["post_organization"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Changes the caller's own password and ends the other sessions. A repeat whose first answer was
         *     lost finds the new password in place and is content: no recorded answer is needed, and no hash
         *     of a password is kept with one.
         */
        put: operations["put_password"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/pictures/{address}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_picture"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/projects": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_projects"];
        put?: never;
        post: operations["post_project"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/projects/{project}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_project"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch: operations["patch_project"];
        trace?: never;
    };
    "/api/projects/{project}/backends": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_backends"];
        put?: never;
        post: operations["post_backend"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/projects/{project}/claims": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["post_claims"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/projects/{project}/contests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_contests"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/projects/{project}/gold": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_gold"];
        put?: never;
        post: operations["post_gold"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/projects/{project}/imports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["post_import"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/projects/{project}/instructions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_instructions"];
        put: operations["put_instructions"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/projects/{project}/items": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_items"];
        put?: never;
        post: operations["post_items"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/projects/{project}/ontology": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_ontology"];
        put: operations["put_ontology"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/projects/{project}/outcomes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_outcomes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/projects/{project}/people/{person}/quality": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_person"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/projects/{project}/people/{person}/quality.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_person_csv"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/projects/{project}/pictures": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["post_picture"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/projects/{project}/predictions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["post_predictions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/projects/{project}/progress": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_progress"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/projects/{project}/prompters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_prompters"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/projects/{project}/quality": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_quality"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/projects/{project}/quality/{plot}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_plot"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/projects/{project}/queue": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_queue"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/projects/{project}/releases": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_releases"];
        put?: never;
        post: operations["post_release"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/projects/{project}/releases/formats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_formats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/projects/{project}/releases/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_preview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/projects/{project}/uploads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["post_upload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/releases/{release}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_release"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/releases/{release}/files/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_file"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_session"];
        put?: never;
        post: operations["post_session"];
        delete: operations["delete_session"];
        options?: never;
        head?: never;
        patch: operations["patch_session"];
        trace?: never;
    };
    "/api/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_sessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/{session}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete: operations["delete_one_session"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/setup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_setup"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/setup/claim": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["post_claim"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sign-up": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Makes an account that is a member of nothing. An address that has one already is answered the
         *     same, as late, so that nobody learns who has an account; and nothing is changed.
         */
        post: operations["post_sign_up"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/slots/{slot}/adjudication": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put: operations["put_adjudication"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/slots/{slot}/answer": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put: operations["put_answer"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/slots/{slot}/draft": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put: operations["put_draft"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/slots/{slot}/heartbeat": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["post_heartbeat"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/slots/{slot}/prompts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["post_prompt"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/slots/{slot}/release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["post_slot_release"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/slots/{slot}/review": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put: operations["put_review"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/slots/{slot}/skip": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["post_skip"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tasks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_tasks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tasks/{task}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_task"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch: operations["patch_task"];
        trace?: never;
    };
    "/api/tasks/{task}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["post_task_cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tasks/{task}/gold": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete: operations["delete_gold"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tasks/{task}/reopen": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["post_reopen"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tasks/{task}/suggestions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_suggestions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/templates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_templates"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/uploads/{upload}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch: operations["patch_upload"];
        trace?: never;
    };
    "/api/uploads/{upload}/finish": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["post_finish"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/work": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_work"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/work/scores": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_scores"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        AcceptInvitation: {
            /** @description Wanted of somebody new. */
            name?: string | null;
            /** @description The present one of somebody known; the chosen one of somebody new. */
            password: string;
            token: string;
        };
        Added: {
            /** Format: int64 */
            created: number;
            errors: components["schemas"]["AddError"][];
            /**
             * Format: int64
             * @description External ids that were there already.
             */
            repeated: number;
        };
        AddError: {
            code: string;
            field: string;
            message: string;
            /**
             * Format: int64
             * @description Its place in the list, from 1.
             */
            row: number;
        };
        AddItem: {
            answer?: Record<string, never> | null;
            external_id: string;
            /** @description A task with a known answer. */
            gold?: boolean;
            metadata?: Record<string, never>;
            /**
             * Format: int64
             * @description 0 to 9, the most urgent last; 5 unless told.
             */
            priority?: number | null;
            /** @description One of `text` and `upload`. */
            text?: string | null;
            /** @description A file that has come as a whole. */
            upload?: string | null;
        };
        AddItems: {
            /** @description What the answers are: labels, unless told. */
            answers?: components["schemas"]["AnswersAs"];
            items: components["schemas"]["AddItem"][];
        };
        AdjudicationRequest: {
            /** Format: int64 */
            active_ms?: number;
            answer: Record<string, never>;
            /** @description The answer that this one began with. */
            chosen?: string | null;
            claim_next?: number;
            /** Format: int64 */
            fence: number;
            holding?: string[];
            reason?: string | null;
            submission: string;
        };
        AgreementBody: {
            /** @description `alpha_nominal` or `f1_iou50`. */
            measure: string;
            /**
             * Format: int64
             * @description Pairs of answers, or tasks with several answers.
             */
            pairs: number;
            /**
             * Format: double
             * @description None where there is nothing to compare.
             */
            value?: number | null;
        };
        AnswerBody: {
            /** Format: int64 */
            active_ms: number;
            answer: Record<string, never>;
            contributor: components["schemas"]["NamedPerson"];
            id: string;
            /** Format: int64 */
            instructions_version: number;
            /** Format: int64 */
            ontology_version: number;
            slot: string;
            stage: string;
            /** @description `standing`, `superseded` or `rejected`. */
            state: string;
            submitted_at: components["schemas"]["Time"];
        };
        /** @description What one answer made of a suggestion. */
        AnswerOutcomes: {
            answer: string;
            /** @description Of each object: `{id, class, fate: "kept"|"changed"|"rejected", changed?: ["class", "shape", "attributes"]}`. */
            outcomes: Record<string, never>[];
            person: string;
        };
        AnswerRequest: {
            /**
             * Format: int64
             * @description Time spent at work on it.
             */
            active_ms?: number;
            answer: Record<string, never>;
            /** @description How many slots to take next, 0 to 10. */
            claim_next?: number;
            /** Format: int64 */
            fence: number;
            /** @description Slots that the caller knows to hold. */
            holding?: string[];
            /** Format: int64 */
            instructions_version?: number | null;
            /**
             * Format: int64
             * @description The versions that the contributor had before them; the newest, unless told.
             */
            ontology_version?: number | null;
            /** @description Chosen by the browser and kept by it until the server has replied: the key of a safe repeat. */
            submission: string;
        };
        /**
         * @description What an answer that comes with an item is.
         * @enum {string}
         */
        AnswersAs: "labels" | "suggestions";
        /** @description The same tasks labelled twice: by the plan, and by a plain vote of the fixed number. */
        AuditBody: {
            answers?: components["schemas"]["FigureBody"] | null;
            /**
             * Format: int64
             * @description Audited tasks of which it would have wanted more answers than the fixed number, or an expert.
             */
            asks_more: number;
            /** Format: int64 */
            escalates: number;
            estimated?: components["schemas"]["FigureBody"] | null;
            fixed: components["schemas"]["ShareBody"];
            /**
             * Format: double
             * @description How many gold tasks alone would have told as much.
             */
            gold_worth?: number | null;
            /** Format: double */
            per_correct_fixed?: number | null;
            /**
             * Format: double
             * @description Answers for each right label, on that gold.
             */
            per_correct_plan?: number | null;
            /** @description Audited tasks that are gold: right by the plan, and by the vote. */
            plan: components["schemas"]["ShareBody"];
            /** @description Audited tasks that have all their answers, each counted as often as the plan would have stopped at its label. */
            same: components["schemas"]["ShareBody"];
            saved?: components["schemas"]["FigureBody"] | null;
        };
        /** @description A model on the wire. */
        BackendBody: {
            /** Format: double */
            at_least: number;
            checked_at?: components["schemas"]["Time"] | null;
            classes: {
                [key: string]: string | null;
            };
            created_at: components["schemas"]["Time"];
            /** @description Whether a password or a token is kept; neither is ever told. */
            has_secret: boolean;
            id: string;
            kind: components["schemas"]["Kind"];
            /** @description Of this installation: `GET /api/models`. */
            model?: string | null;
            model_version?: string | null;
            name: string;
            pictures: components["schemas"]["Pictures"];
            /** @description Why it is down. */
            problem?: string | null;
            project: string;
            /** @description Whether those who label may ask it about the task in their hands. */
            prompts: boolean;
            /** @description `unknown`, `up` or `down`, when it was last asked. */
            state: string;
            url?: string | null;
            /** @description The user of a basic login. */
            user?: string | null;
        };
        /** @description A bucket, and who may read it. Kept sealed, until the job is over. */
        Bucket: {
            access_key_id?: string;
            bucket: string;
            /** @description Amazon's of the region, unless told. */
            endpoint?: string;
            prefix?: string;
            region?: string;
            secret_access_key?: string;
        };
        CameraBody: {
            /** @description How its lens bends straight lines: `model` and `coefficients` (C13). */
            distortion?: Record<string, never> | null;
            /** Format: int64 */
            height: number;
            /** @description What takes a place before the camera to pixels, row by row. */
            intrinsic: number[][];
            name: string;
            /** @description What takes a place before the camera (x right, y down, z ahead) to the world. */
            pose: Record<string, never>;
            url: string;
            /** Format: int64 */
            width: number;
        };
        /** @description One of several pictures of one moment. */
        CameraPicture: {
            /** Format: int64 */
            height: number;
            /** @description What the objects of an answer call it. */
            name: string;
            picture: components["schemas"]["PictureBody"];
            /** Format: int64 */
            width: number;
        };
        ChangeBackend: {
            name?: string | null;
            settings?: components["schemas"]["Settings"];
            url?: string | null;
        };
        /** @description A slot in the caller's hands, with all that is needed to work on it. */
        Claim: {
            /**
             * @description What was there before: of a rework the verdict, of a review the answer, of an adjudication
             *     the answers.
             */
            before?: Record<string, never> | null;
            draft?: components["schemas"]["DraftBody"] | null;
            /** Format: int64 */
            fence: number;
            /** Format: int64 */
            instructions_version: number;
            item: components["schemas"]["ItemBody"];
            /** Format: int64 */
            ontology_version: number;
            project: string;
            slot: string;
            /** @description `label`, `rework`, `review` or `adjudicate`. */
            stage: string;
            suggested_by?: components["schemas"]["SuggestedBy"] | null;
            /** @description What a model or the data suggests: taken, changed or turned down by whoever holds the slot (G1). */
            suggestion?: Record<string, never> | null;
            task: string;
            until: components["schemas"]["Time"];
        };
        ClaimRequest: {
            count?: number;
            /**
             * @description Slots that the caller knows to hold: other slots in their hands are given first, so that a
             *     repeated call gives the same ones.
             */
            holding?: string[];
            /** @description `label` (own rework comes first), `review` or `adjudicate`. */
            stage: string;
        };
        Claims: {
            claims: components["schemas"]["Claim"][];
            /**
             * Format: int64
             * @description How many more wait, up to 1,000.
             */
            waiting: number;
        };
        ClassOutcomes: {
            /** Format: int64 */
            changed: number;
            /** Format: int64 */
            kept: number;
            /** Format: int64 */
            rejected: number;
        };
        ClauseBody: {
            id: string;
            title: string;
        };
        CloudBody: {
            cameras: components["schemas"]["CameraBody"][];
            file: string;
            index_url: string;
            /**
             * Format: int64
             * @description Points of the file.
             */
            points: number;
            points_url: string;
            /** @description What takes a place of the file to the world: `translation` in metres, `rotation` w, x, y, z. */
            pose: Record<string, never>;
            /**
             * Format: double
             * @description Seconds, as the sender counts them.
             */
            time?: number | null;
        };
        CommentBody: {
            at: components["schemas"]["Time"];
            id: string;
            /** @description Who wrote it; only for those who may see labels (C5). */
            name?: string | null;
            /** @description Whether the caller wrote it. */
            own: boolean;
            /** @description `contributor` or `reviewer`. */
            side: string;
            text: string;
        };
        /** @description Labels of which the same is told. */
        ConfidenceLevelBody: {
            /**
             * Format: double
             * @description The confidence that is told.
             */
            confidence: number;
            /**
             * Format: double
             * @description What is claimed of them before that is calibrated: from here to where the next level begins.
             */
            from: number;
            /** @description Gold tasks among them, labelled without being known. */
            gold: components["schemas"]["ShareBody"];
        };
        ConfusionBody: {
            /** @description Whether what is so is known from gold, or only believed. */
            by_gold: boolean;
            /** @description Row after row what is so, column after column what was said. */
            counts: number[][];
        };
        /** @description What several answers say together, as an object or span after the other (F9). */
        ConsensusBody: {
            /** @description All that it was made of. */
            answers: string[];
            calibrated: boolean;
            /**
             * Format: double
             * @description How sure it is; only where that was calibrated on gold.
             */
            confidence?: number | null;
            /** @description What weighed the answers, where anything did. */
            model?: string | null;
            parts: components["schemas"]["PartBody"][];
            /** @description What they say; nothing where one of them says it. */
            value?: Record<string, never> | null;
        };
        /** @description A contributor's word against a score. */
        ContestBody: {
            answer: string;
            at: components["schemas"]["Time"];
            contributor: components["schemas"]["NamedPerson"];
            given: Record<string, never>;
            known: Record<string, never>;
            reason: string;
            /** @description `open`, `upheld` (the score stands) or `overturned` (what was known is not so). */
            state: string;
            task: string;
        };
        /** @description What a decision has changed. */
        ContestDecided: {
            /**
             * Format: int64
             * @description Contests of the same task that this decided.
             */
            contests: number;
            /**
             * Format: int64
             * @description Scores that are others now, or are no longer.
             */
            scores_changed: number;
        };
        ContestDecision: {
            /** @description Of an overturned one: what is known instead. Without it the gold and its scores are given up. */
            answer?: Record<string, never> | null;
            /** @description `uphold`: the score stands. `overturn`: what was known is not so. */
            verdict: components["schemas"]["ContestVerdict"];
        };
        Contesting: {
            /** @description Why the answer is right after all. */
            reason: string;
        };
        /** @enum {string} */
        ContestVerdict: "uphold" | "overturn";
        /** @description What the labels took, against what a fixed number of answers would have taken. */
        CostBody: {
            /** @description Whether the plan decides after each answer. */
            adaptive: boolean;
            /** Format: double */
            answers_per_label?: number | null;
            /** Format: int64 */
            audited: number;
            /**
             * Format: int64
             * @description Tasks that have answers enough, but for the audited and gold. Those that wait for a decision count: they were not cheap.
             */
            labels: number;
            /**
             * Format: int64
             * @description The fixed number of the plan, which the audited tasks take.
             */
            overlap: number;
            /** @description What an answer is paid, where it is. */
            pay?: Record<string, never> | null;
            /**
             * Format: double
             * @description Answers for each label that is right, by what gold says of the labels.
             */
            per_correct?: number | null;
            /**
             * Format: double
             * @description The same if the same answers were counted by a plain vote.
             */
            per_correct_vote?: number | null;
            /** @description How many tasks took so many answers. */
            spread: components["schemas"]["SpreadBody"][];
            /** Format: double */
            target?: number | null;
        };
        CountsBody: {
            /** Format: int64 */
            answers: number;
            /** Format: int64 */
            canceled: number;
            /** Format: int64 */
            done: number;
            /** Format: int64 */
            error: number;
            /** Format: int64 */
            in_progress: number;
            /** Format: int64 */
            in_review: number;
            /** Format: int64 */
            queued: number;
            /** Format: int64 */
            tasks: number;
            /** Format: int64 */
            wanted: number;
        };
        Destroy: {
            confirmation: string;
            name: string;
        };
        Destruction: {
            /** @description To be sent with the second step. */
            confirmation: string;
            expires_at: components["schemas"]["Time"];
        };
        DoubtBody: {
            /** Format: double */
            agreement?: number | null;
            /** Format: int64 */
            answers: number;
            /**
             * Format: double
             * @description Only where it was calibrated.
             */
            confidence?: number | null;
            method: string;
            name: string;
            task: string;
        };
        DraftBody: {
            answer: Record<string, never>;
            device: string;
            saved_at: components["schemas"]["Time"];
            /** Format: int64 */
            seq: number;
        };
        DraftRequest: {
            /** @description Unfinished, and therefore unchecked. */
            answer: Record<string, never>;
            /** @description Which browser this is, in its own words. */
            device: string;
            /** Format: int64 */
            fence: number;
            /**
             * Format: int64
             * @description Rises with every draft of this device: a late one does not overwrite a later one.
             */
            seq: number;
        };
        /** @description A stretch of answers to gold, in the order in which they came. */
        DriftBody: {
            from: components["schemas"]["Time"];
            share: components["schemas"]["ShareBody"];
            to: components["schemas"]["Time"];
        };
        EntryBody: {
            entry: string;
            value: Record<string, never>;
            /**
             * Format: int64
             * @description Rises with each change.
             */
            version: number;
        };
        /** @description What every error looks like (H1). */
        Failure: {
            error: components["schemas"]["FailureBody"];
        };
        FailureBody: {
            /** @description Stable: a program may rely on it. */
            code: string;
            /** @description What the caller needs to go on. */
            details?: unknown;
            /** @description A sentence for a person. */
            message: string;
            /** @description Everything that is wrong with the content, each with its place. */
            problems?: components["schemas"]["FailureProblem"][] | null;
            /** @description The name of this request in our log. */
            request?: string | null;
        };
        FailureProblem: {
            code: string;
            message: string;
            path: string;
        };
        Fenced: {
            /** Format: int64 */
            fence: number;
        };
        /**
         * @description What a model's answers become.
         * @enum {string}
         */
        FetchAs: "suggestions" | "opinions";
        FetchRequest: {
            /** @description Whether it is asked again about tasks for which it has suggested before. */
            again?: boolean;
            as?: components["schemas"]["FetchAs"];
            /** @description Tasks in one call, 1 to 100. */
            batch?: number;
        };
        /** @description A figure and between what it lies (95 %). */
        FigureBody: {
            /** Format: double */
            high: number;
            /** Format: double */
            low: number;
            /** Format: double */
            value: number;
        };
        FileBody: {
            /** Format: int64 */
            bytes: number;
            name: string;
            sha256: string;
            url: string;
        };
        /**
         * @description What labels can be written as.
         * @enum {string}
         */
        Format: "native" | "coco" | "csv" | "spans" | "cuboids" | "kitti" | "points" | "nuscenes" | "cvat_video" | "mot" | "yolo" | "yolo-segment" | "yolo-obb" | "yolo-pose" | "yolo-classify" | "darknet" | "coco-panoptic" | "coco-results" | "voc" | "cvat" | "cvat-json" | "label-studio" | "datumaro" | "labelme" | "via" | "open-images" | "kitti-tracking" | "kitti-raw" | "mots" | "mots-png" | "doccano" | "argilla" | "prodigy" | "spacy" | "conll" | "conllu" | "brat" | "jsonl" | "parquet" | "tsv" | "items" | "webdataset" | "images" | "trl-sft" | "trl-completion" | "trl-prompt" | "trl-preference" | "trl-preference-implicit" | "trl-kto" | "trl-stepwise" | "openai-sft" | "openai-dpo" | "sharegpt" | "alpaca" | "hh" | "arena";
        /** @description A format that can hold what the project asks. */
        FormatBody: {
            /** @description What its file is called in a release. */
            file: string;
            format: components["schemas"]["Format"];
        };
        GoldBody: {
            created_at: components["schemas"]["Time"];
            known: Record<string, never>;
            /** Format: int64 */
            right: number;
            /**
             * Format: int64
             * @description Answers that were compared with it, and how many of them were right.
             */
            scored: number;
            /** @description `live`, `leaked` (people have begun to recognize it) or `retired`. */
            state: string;
            task: string;
        };
        GoldCounts: {
            /** Format: int64 */
            contests_open: number;
            /** Format: int64 */
            leaked: number;
            /** Format: int64 */
            live: number;
            /** Format: int64 */
            retired: number;
        };
        /** @description One event, as the log has it. */
        HistoryBody: {
            actor: components["schemas"]["NamedPerson"];
            at: components["schemas"]["Time"];
            kind: string;
            /** @description Of a reopened task: why. */
            reason?: string | null;
        };
        HoldingBody: {
            since: components["schemas"]["Time"];
            stage: string;
            task: string;
        };
        HourBody: {
            /** Format: int64 */
            answers: number;
            at: components["schemas"]["Time"];
        };
        ImportRequest: {
            /** @description What the answers in the file are. */
            answers?: components["schemas"]["AnswersAs"];
            /**
             * @description What classes of a data set become: the key of a class of the project, or null where they are left
             *     out. The others are found by name.
             */
            classes?: {
                [key: string]: string | null;
            };
            /** @description Judge every row, and keep nothing. */
            dry_run?: boolean;
            /** @description Whether classes and attributes that the project lacks become part of its ontology. */
            extend?: boolean;
            /** @description The format of a data set, where it is not to be recognised: a name of `fairmark convert`. */
            format?: string | null;
            s3?: components["schemas"]["Bucket"] | null;
            source: components["schemas"]["Source"];
            /** @description The file, sent as an upload; it need not be finished. */
            upload?: string | null;
        };
        /** @description What the caller has not read yet. */
        InboxBody: {
            /** @description The latest first, 100 at most. */
            items: components["schemas"]["InboxItem"][];
            /**
             * Format: int64
             * @description Comments in all the conversations below.
             */
            unread: number;
        };
        InboxItem: {
            /** @description The answer that was last spoken of. */
            answer: string;
            /** @description Of the item. */
            name: string;
            /** @description Whether the answer is the caller's. */
            own: boolean;
            project: string;
            project_name: string;
            task: string;
            /** Format: int64 */
            unread: number;
        };
        InstallationClaim: {
            email: string;
            name: string;
            /** @description The name of the first organization. */
            organization: string;
            password: string;
            /** @description Printed by the first start of the server, once. */
            token: string;
        };
        InstructionsBody: {
            /** @description The headings, which a rejection names. */
            clauses: components["schemas"]["ClauseBody"][];
            created_at: components["schemas"]["Time"];
            created_by: string;
            markdown: string;
            /** Format: int64 */
            version: number;
        };
        InvitationBody: {
            email: string;
            expires_at: components["schemas"]["Time"];
            id: string;
            /** @description Only in the answer that made the invitation. */
            link?: string | null;
            mailed?: boolean | null;
            role: string;
        };
        InvitationRequest: {
            email: string;
            role: string;
        };
        /** @description An item on the wire. */
        ItemBody: {
            /** Format: int64 */
            bytes: number;
            /** @description Several pictures of one moment, side by side. */
            cameras?: components["schemas"]["CameraPicture"][];
            created_at: components["schemas"]["Time"];
            external_id: string;
            /** Format: int64 */
            height?: number | null;
            id: string;
            /** @description `image`, `video`, `text` or `cloud`. */
            media: string;
            metadata: Record<string, never>;
            name: string;
            picture?: components["schemas"]["PictureBody"] | null;
            project: string;
            scene?: components["schemas"]["SceneBody"] | null;
            task: string;
            text?: string | null;
            video?: components["schemas"]["VideoBody"] | null;
            /** Format: int64 */
            width?: number | null;
        };
        /** @description A job on the wire. */
        JobBody: {
            /**
             * Format: int64
             * @description Rows that were refused: `GET /api/jobs/{job}/errors`.
             */
            bad: number;
            created_at: components["schemas"]["Time"];
            /** Format: int64 */
            done: number;
            finished_at?: components["schemas"]["Time"] | null;
            id: string;
            kind: string;
            message?: string | null;
            project?: string | null;
            result?: Record<string, never> | null;
            started_at?: components["schemas"]["Time"] | null;
            /** @description `queued`, `running`, `done`, `failed` or `canceled`. */
            state: string;
            /**
             * Format: int64
             * @description Not known before it was counted.
             */
            total?: number | null;
        };
        Keeping: {
            /** @description At most 16 KiB of JSON. */
            value: Record<string, never>;
        };
        KeptBody: {
            entries: components["schemas"]["EntryBody"][];
        };
        KeyBody: {
            created_at: components["schemas"]["Time"];
            /** @description How the secret ends, to tell keys apart. */
            hint: string;
            id: string;
            mode: string;
            name: string;
            role: string;
            /** @description Only in the answer that made the key. */
            secret?: string | null;
            used_at?: components["schemas"]["Time"] | null;
        };
        /** @enum {string} */
        Kind: "label_studio" | "local";
        LabelBody: {
            at: components["schemas"]["Time"];
            /** @description Of each attribute of the item, how many of the answers that choose the same say the same; where several answers made the label (A20). */
            attributes?: {
                [key: string]: components["schemas"]["Votes"];
            };
            /** @description False where there is not gold enough to know: "not yet calibrated". */
            calibrated: boolean;
            /**
             * Format: double
             * @description How probable the label is; only where that was calibrated on gold.
             */
            confidence?: number | null;
            consensus?: components["schemas"]["ConsensusBody"] | null;
            method: string;
            /** @description The model that weighed the answers, where one did. */
            model?: string | null;
            value: Record<string, never>;
        };
        LevelBody: {
            /** Format: int64 */
            height: number;
            /** Format: int64 */
            level: number;
            /** Format: int64 */
            width: number;
        };
        /** @description A model of this installation. */
        LocalModelBody: {
            about: string;
            classes: string[];
            /** @description `detector` or `segmenter`. */
            kind: string;
            name: string;
        };
        Login: {
            email: string;
            password: string;
        };
        /** @description Something that a format could not hold. */
        LossBody: {
            /** Format: int64 */
            count: number;
            /** @description Up to five places. */
            examples: string[];
            format: components["schemas"]["Format"];
            /** @description `item_attribute`, `choice`, `note`, `object`, … */
            what: string;
        };
        MemberBody: {
            email: string;
            joined_at: components["schemas"]["Time"];
            name: string;
            person: string;
            role: string;
        };
        MembershipBody: {
            id: string;
            name: string;
            role: string;
        };
        ModelBody: {
            /** Format: int64 */
            answers: number;
            /** @description Whether those are enough; otherwise no confidence is shown. */
            calibrated: boolean;
            /** @description How a claim becomes a confidence: `as claimed`, `Platt`, `by rank` or `isotonic`; of a mean of them, what weighs most. */
            calibration: string;
            /**
             * Format: int64
             * @description Gold items that it rests on.
             */
            gold: number;
            /** Format: int64 */
            gold_needed: number;
            method: string;
            /** @description Why it was chosen. */
            reason: string;
        };
        /** @description What people made of what a model suggested. */
        ModelOutcomes: {
            /**
             * Format: int64
             * @description Answers to tasks for which it suggested something.
             */
            answers: number;
            /** Format: int64 */
            changed: number;
            /** @description By the key of the class that was suggested. */
            classes: {
                [key: string]: components["schemas"]["ClassOutcomes"];
            };
            /** Format: int64 */
            kept: number;
            /** @description The model with its version. */
            model: string;
            /** Format: int64 */
            rejected: number;
        };
        MoneyBody: {
            /** Format: int64 */
            amount_minor: number;
            currency: string;
        };
        MoveSession: {
            /** @description Where to go to work. */
            organization: string;
        };
        /** @description A person as others see them. */
        NamedPerson: {
            name: string;
            person: string;
        };
        NewBackend: {
            kind: components["schemas"]["Kind"];
            /** @description Its name in `GET /api/models`; of the kind `local`. */
            model?: string | null;
            name: string;
            settings?: components["schemas"]["Settings"];
            /** @description Where it is reached; of the kind `label_studio`. */
            url?: string | null;
        };
        NewGold: {
            /** @description What is known, by an expert; the label of the task, unless told. */
            answer?: Record<string, never> | null;
            task: string;
        };
        NewInstructions: {
            /** Format: int64 */
            base: number;
            markdown: string;
        };
        NewKeyRequest: {
            mode: string;
            name: string;
            /** @description Any but owner. */
            role: string;
        };
        NewOntology: {
            /** Format: int64 */
            base: number;
            ontology: Record<string, never>;
        };
        NewOrganization: {
            name: string;
            /** @description The email of its first owner, who is invited. Without it, the caller is. */
            owner?: string | null;
        };
        NewProject: {
            name: string;
            /** @description Instead of the template's own. */
            ontology?: Record<string, never> | null;
            plan?: Record<string, never> | null;
            /** @description Kinds of shapes, instead of the template's own; only where it asks for shapes. */
            shapes?: string[] | null;
            template: string;
        };
        NewReleaseBody: {
            formats: components["schemas"]["Format"][];
            /** @description `Release` and its number, unless told. */
            name?: string | null;
            /**
             * @description Adds to the native file the tasks that have no label yet, with what was said of them so far, and
             *     what is known of gold: brought into an empty project, it gives the same state.
             */
            with_open?: boolean;
            /** @description Adds the pictures themselves, as `pictures.tar`. */
            with_pictures?: boolean;
        };
        NewUpload: {
            /** Format: int64 */
            bytes: number;
            /** @description What the file is called where it comes from: unique in the project, at most 1,024 bytes. */
            external_id: string;
            /**
             * Format: int64
             * @description Not used: two files of one name and length are one file.
             */
            last_modified?: number | null;
            /** @description Its name for people; the last part of the external id, unless told. */
            name?: string | null;
        };
        OntologyBody: {
            created_at: components["schemas"]["Time"];
            created_by: string;
            ontology: Record<string, never>;
            /** Format: int64 */
            version: number;
        };
        OpenedInvitation: {
            email: string;
            /** @description Whether this address has an account here, whose password is then asked for. */
            known: boolean;
            organization: components["schemas"]["OrganizationBody"];
            role: string;
        };
        OpenInvitation: {
            token: string;
        };
        OrganizationBody: {
            id: string;
            name: string;
        };
        OrganizationRowBody: {
            created_at: components["schemas"]["Time"];
            id: string;
            invitation?: components["schemas"]["InvitationBody"] | null;
            name: string;
            state: string;
        };
        /** @description How one of the caller's answers compared with what was known. */
        OwnScoreBody: {
            answer: string;
            at: components["schemas"]["Time"];
            /** @description What became of the caller's word against it: `open`, `upheld` or `overturned`. */
            contest?: string | null;
            correct: boolean;
            given: Record<string, never>;
            known: Record<string, never>;
            /**
             * Format: double
             * @description 0 to 1.
             */
            likeness: number;
            /** @description What the item is called. */
            name: string;
            project: string;
            project_name: string;
        };
        OwnScores: {
            /** @description The latest, the newest first; a day old at least (Q4). */
            items: components["schemas"]["OwnScoreBody"][];
            skills: components["schemas"]["OwnSkill"][];
        };
        /** @description How often the caller was right, in one project. */
        OwnSkill: {
            /** Format: double */
            high: number;
            /**
             * Format: double
             * @description Within this it lies, with 95 %, however often one looks.
             */
            low: number;
            project: string;
            project_name: string;
            /** Format: int64 */
            right: number;
            /** Format: int64 */
            scored: number;
        };
        /** @description A page of a list (H2). */
        Page_BackendBody: {
            items: {
                /** Format: double */
                at_least: number;
                checked_at?: components["schemas"]["Time"] | null;
                classes: {
                    [key: string]: string | null;
                };
                created_at: components["schemas"]["Time"];
                /** @description Whether a password or a token is kept; neither is ever told. */
                has_secret: boolean;
                id: string;
                kind: components["schemas"]["Kind"];
                /** @description Of this installation: `GET /api/models`. */
                model?: string | null;
                model_version?: string | null;
                name: string;
                pictures: components["schemas"]["Pictures"];
                /** @description Why it is down. */
                problem?: string | null;
                project: string;
                /** @description Whether those who label may ask it about the task in their hands. */
                prompts: boolean;
                /** @description `unknown`, `up` or `down`, when it was last asked. */
                state: string;
                url?: string | null;
                /** @description The user of a basic login. */
                user?: string | null;
            }[];
            next_cursor?: string | null;
        };
        /** @description A page of a list (H2). */
        Page_ContestBody: {
            items: {
                answer: string;
                at: components["schemas"]["Time"];
                contributor: components["schemas"]["NamedPerson"];
                given: Record<string, never>;
                known: Record<string, never>;
                reason: string;
                /** @description `open`, `upheld` (the score stands) or `overturned` (what was known is not so). */
                state: string;
                task: string;
            }[];
            next_cursor?: string | null;
        };
        /** @description A page of a list (H2). */
        Page_FormatBody: {
            items: {
                /** @description What its file is called in a release. */
                file: string;
                format: components["schemas"]["Format"];
            }[];
            next_cursor?: string | null;
        };
        /** @description A page of a list (H2). */
        Page_GoldBody: {
            items: {
                created_at: components["schemas"]["Time"];
                known: Record<string, never>;
                /** Format: int64 */
                right: number;
                /**
                 * Format: int64
                 * @description Answers that were compared with it, and how many of them were right.
                 */
                scored: number;
                /** @description `live`, `leaked` (people have begun to recognize it) or `retired`. */
                state: string;
                task: string;
            }[];
            next_cursor?: string | null;
        };
        /** @description A page of a list (H2). */
        Page_InvitationBody: {
            items: {
                email: string;
                expires_at: components["schemas"]["Time"];
                id: string;
                /** @description Only in the answer that made the invitation. */
                link?: string | null;
                mailed?: boolean | null;
                role: string;
            }[];
            next_cursor?: string | null;
        };
        /** @description A page of a list (H2). */
        Page_ItemBody: {
            items: {
                /** Format: int64 */
                bytes: number;
                /** @description Several pictures of one moment, side by side. */
                cameras?: components["schemas"]["CameraPicture"][];
                created_at: components["schemas"]["Time"];
                external_id: string;
                /** Format: int64 */
                height?: number | null;
                id: string;
                /** @description `image`, `video`, `text` or `cloud`. */
                media: string;
                metadata: Record<string, never>;
                name: string;
                picture?: components["schemas"]["PictureBody"] | null;
                project: string;
                scene?: components["schemas"]["SceneBody"] | null;
                task: string;
                text?: string | null;
                video?: components["schemas"]["VideoBody"] | null;
                /** Format: int64 */
                width?: number | null;
            }[];
            next_cursor?: string | null;
        };
        /** @description A page of a list (H2). */
        Page_JobBody: {
            items: {
                /**
                 * Format: int64
                 * @description Rows that were refused: `GET /api/jobs/{job}/errors`.
                 */
                bad: number;
                created_at: components["schemas"]["Time"];
                /** Format: int64 */
                done: number;
                finished_at?: components["schemas"]["Time"] | null;
                id: string;
                kind: string;
                message?: string | null;
                project?: string | null;
                result?: Record<string, never> | null;
                started_at?: components["schemas"]["Time"] | null;
                /** @description `queued`, `running`, `done`, `failed` or `canceled`. */
                state: string;
                /**
                 * Format: int64
                 * @description Not known before it was counted.
                 */
                total?: number | null;
            }[];
            next_cursor?: string | null;
        };
        /** @description A page of a list (H2). */
        Page_KeyBody: {
            items: {
                created_at: components["schemas"]["Time"];
                /** @description How the secret ends, to tell keys apart. */
                hint: string;
                id: string;
                mode: string;
                name: string;
                role: string;
                /** @description Only in the answer that made the key. */
                secret?: string | null;
                used_at?: components["schemas"]["Time"] | null;
            }[];
            next_cursor?: string | null;
        };
        /** @description A page of a list (H2). */
        Page_LocalModelBody: {
            items: {
                about: string;
                classes: string[];
                /** @description `detector` or `segmenter`. */
                kind: string;
                name: string;
            }[];
            next_cursor?: string | null;
        };
        /** @description A page of a list (H2). */
        Page_MemberBody: {
            items: {
                email: string;
                joined_at: components["schemas"]["Time"];
                name: string;
                person: string;
                role: string;
            }[];
            next_cursor?: string | null;
        };
        /** @description A page of a list (H2). */
        Page_ModelOutcomes: {
            items: {
                /**
                 * Format: int64
                 * @description Answers to tasks for which it suggested something.
                 */
                answers: number;
                /** Format: int64 */
                changed: number;
                /** @description By the key of the class that was suggested. */
                classes: {
                    [key: string]: components["schemas"]["ClassOutcomes"];
                };
                /** Format: int64 */
                kept: number;
                /** @description The model with its version. */
                model: string;
                /** Format: int64 */
                rejected: number;
            }[];
            next_cursor?: string | null;
        };
        /** @description A page of a list (H2). */
        Page_OrganizationRowBody: {
            items: {
                created_at: components["schemas"]["Time"];
                id: string;
                invitation?: components["schemas"]["InvitationBody"] | null;
                name: string;
                state: string;
            }[];
            next_cursor?: string | null;
        };
        /** @description A page of a list (H2). */
        Page_ProjectBody: {
            items: {
                /**
                 * Format: int64
                 * @description How many slots wait for the caller, up to 1,000; only where it is asked for.
                 */
                available?: number | null;
                counts: components["schemas"]["CountsBody"];
                created_at: components["schemas"]["Time"];
                id: string;
                /** Format: int64 */
                instructions_version: number;
                mode: string;
                name: string;
                /** Format: int64 */
                ontology_version: number;
                plan: Record<string, never>;
                question: Record<string, never>;
                /** @description `draft`, `published`, `paused` or `archived`. */
                state: string;
                template: string;
                /**
                 * Format: int64
                 * @description What an edit names as its `base` (H4).
                 */
                version: number;
            }[];
            next_cursor?: string | null;
        };
        /** @description A page of a list (H2). */
        Page_Prompter: {
            items: {
                id: string;
                name: string;
                /** @description `picture`: everything in it; `box`, `point`: what is there. */
                takes: string[];
            }[];
            next_cursor?: string | null;
        };
        /** @description A page of a list (H2). */
        Page_ReleaseBody: {
            items: {
                created_at: components["schemas"]["Time"];
                created_by: components["schemas"]["NamedPerson"];
                files: components["schemas"]["FileBody"][];
                formats: components["schemas"]["Format"][];
                id: string;
                job: components["schemas"]["JobBody"];
                loss: components["schemas"]["LossBody"][];
                name: string;
                /**
                 * Format: int64
                 * @description Counts the releases of the project, from 1.
                 */
                number: number;
                project: string;
                /** @description That of its job: `queued`, `running`, `done`, `failed` or `canceled`. */
                state: string;
                /**
                 * Format: int64
                 * @description Labelled tasks in it.
                 */
                tasks: number;
            }[];
            next_cursor?: string | null;
        };
        /** @description A page of a list (H2). */
        Page_SessionRowBody: {
            items: {
                created_at: components["schemas"]["Time"];
                /** @description Whether this is the session that asks. */
                current: boolean;
                /** @description What the browser said of itself. */
                device: string;
                id: string;
                seen_at: components["schemas"]["Time"];
            }[];
            next_cursor?: string | null;
        };
        /** @description A page of a list (H2). */
        Page_TaskListBody: {
            items: {
                /** Format: double */
                agreement?: number | null;
                /**
                 * Format: int64
                 * @description Standing answers of the label stage.
                 */
                answers: number;
                external_id: string;
                id: string;
                item: string;
                name: string;
                /** Format: int64 */
                overlap: number;
                /** Format: int64 */
                priority: number;
                stage: string;
                state: string;
                thumb_url?: string | null;
                updated_at: components["schemas"]["Time"];
            }[];
            next_cursor?: string | null;
        };
        /** @description A page of a list (H2). */
        Page_TaskSuggestion: {
            items: {
                answers: components["schemas"]["AnswerOutcomes"][];
                asked_at?: components["schemas"]["Time"] | null;
                /** @description The model with its version; none where it came with the data. */
                model?: string | null;
                /** @description 0 to 1, by the id of the object or the span. */
                scores: {
                    [key: string]: number;
                };
                suggestion: Record<string, never>;
            }[];
            next_cursor?: string | null;
        };
        /** @description A page of a list (H2). */
        Page_TemplateBody: {
            items: {
                description: string;
                name: string;
                ontology: Record<string, never>;
                question: Record<string, never>;
                template: string;
            }[];
            next_cursor?: string | null;
        };
        /** @description A page of a list (H2). */
        Page_ThreadBody: {
            items: {
                /** @description The answer that it was begun on. */
                answer: string;
                /** @description Who began it: `contributor` or `reviewer`. */
                began: string;
                /** @description The oldest first. */
                comments: components["schemas"]["CommentBody"][];
                id: string;
                /** @description What it is about: `{object?, region?: {x, y, width, height}, passage?: [start, end], frame?, camera?}`. */
                pin: Record<string, never>;
                /** @description `open`, `done` (says its contributor) or `resolved`. */
                state: string;
            }[];
            next_cursor?: string | null;
        };
        PartBody: {
            /** @description The answers that have it. */
            answers: string[];
            /** @description Of each attribute, how many of the answers that have it and call it the same say the same (A20). */
            attributes?: {
                [key: string]: components["schemas"]["Votes"];
            };
            /**
             * Format: double
             * @description How sure it is; only where that was calibrated on gold.
             */
            confidence?: number | null;
            /** @description The id of the object or span in the value, or the key of the class. */
            id: string;
        };
        PasswordChange: {
            current: string;
            new: string;
        };
        PersonBody: {
            email: string;
            id: string;
            name: string;
            operator: boolean;
        };
        PersonProgress: {
            /** Format: int64 */
            answered: number;
            holding: components["schemas"]["HoldingBody"][];
            last_seen?: components["schemas"]["Time"] | null;
            name: string;
            person: string;
        };
        PersonQualityBody: {
            /**
             * Format: int64
             * @description Standing answers of the label stage.
             */
            answers: number;
            /**
             * Format: double
             * @description The share of right answers below which the evidence counts against them; nothing before there is gold.
             */
            bar?: number | null;
            crowd: components["schemas"]["ShareBody"];
            drift: components["schemas"]["DriftBody"][];
            /** @description Whether the evidence is that they are right too seldom (V3). */
            flagged: boolean;
            /** @description Their answers to gold, and everybody's. */
            gold: components["schemas"]["ShareBody"];
            person: components["schemas"]["NamedPerson"];
            project: string;
            project_name: string;
            /** @description Their answers to gold, the latest first. */
            scores: components["schemas"]["PersonScoreBody"][];
            /**
             * Format: double
             * @description How likely they are right, by all that the model knows; for reviewers only.
             */
            skill?: number | null;
            weeks: components["schemas"]["WeekBody"][];
        };
        PersonScoreBody: {
            answer: string;
            at: components["schemas"]["Time"];
            /** @description What became of their word against it: `open`, `upheld` or `overturned`. */
            contest?: string | null;
            correct: boolean;
            given: Record<string, never>;
            known: Record<string, never>;
            /**
             * Format: double
             * @description 0 to 1.
             */
            likeness: number;
            /** @description What the item is called. */
            name: string;
            /** @description For reviewers only. */
            task?: string | null;
        };
        PictureAt: {
            address: string;
            /** Format: int64 */
            height: number;
            /** @description What to write into the Markdown: `![what it shows](url)`. */
            url: string;
            /** Format: int64 */
            width: number;
        };
        /** @description Where the parts of a picture are. Level 0 is the full size; each next is half of it. */
        PictureBody: {
            /** @description Only where the picture is small enough to be shown whole. */
            full_url?: string | null;
            levels: components["schemas"]["LevelBody"][];
            preview_url: string;
            thumb_url: string;
            /** Format: int64 */
            tile_size: number;
            /** @description With `{level}`, `{col}` and `{row}` to be filled in. */
            tile_url: string;
        };
        /**
         * @description How a model gets to see a picture.
         * @enum {string}
         */
        Pictures: "lent" | "inline";
        Prediction: {
            answer: Record<string, never>;
            external_id: string;
        };
        Predictions: {
            /** @description The name of the model, with its version: each name is a contributor of its own. */
            model: string;
            /** @description At most 1,000. */
            predictions: components["schemas"]["Prediction"][];
        };
        PredictionsTaken: {
            errors: components["schemas"]["AddError"][];
            /**
             * Format: int64
             * @description Predictions for tasks that this model has answered before.
             */
            repeated: number;
            /** Format: int64 */
            taken: number;
        };
        /** @description What a release would lose, as far as it was looked. */
        PreviewBody: {
            /**
             * Format: int64
             * @description How many of them were looked at for this preview: the first ones.
             */
            looked_at: number;
            loss: components["schemas"]["LossBody"][];
            /**
             * Format: int64
             * @description Labelled tasks that a release made now would hold.
             */
            tasks: number;
        };
        ProblemBody: {
            code: string;
            message: string;
        };
        ProgressBody: {
            agreement: components["schemas"]["AgreementBody"];
            /**
             * Format: int64
             * @description Standing answers of the label stage.
             */
            answers: number;
            /**
             * Format: int64
             * @description Those, and what the open tasks still want.
             */
            answers_needed: number;
            at: components["schemas"]["Time"];
            /** Format: int64 */
            eta_seconds?: number | null;
            /** Format: int64 */
            event_seq: number;
            /** @description The last 24 hours, the present one last. */
            hours: components["schemas"]["HourBody"][];
            people: components["schemas"]["PersonProgress"][];
            project: string;
            tasks: components["schemas"]["TaskCounts"];
            /** Format: double */
            throughput_per_hour: number;
        };
        /** @description A project on the wire. */
        ProjectBody: {
            /**
             * Format: int64
             * @description How many slots wait for the caller, up to 1,000; only where it is asked for.
             */
            available?: number | null;
            counts: components["schemas"]["CountsBody"];
            created_at: components["schemas"]["Time"];
            id: string;
            /** Format: int64 */
            instructions_version: number;
            mode: string;
            name: string;
            /** Format: int64 */
            ontology_version: number;
            plan: Record<string, never>;
            question: Record<string, never>;
            /** @description `draft`, `published`, `paused` or `archived`. */
            state: string;
            template: string;
            /**
             * Format: int64
             * @description What an edit names as its `base` (H4).
             */
            version: number;
        };
        ProjectChange: {
            /**
             * Format: int64
             * @description The version that this edits (H4).
             */
            base: number;
            name?: string | null;
            plan?: Record<string, never> | null;
            state?: string | null;
        };
        /** @description What a model suggests to whoever asked. */
        PromptBody: {
            id: string;
            model: string;
            /** @description 0 to 1, by the id of the object or the span. */
            scores: {
                [key: string]: number;
            };
            suggestion: Record<string, never>;
        };
        /** @description A model that may be asked about the task in one's hands. */
        Prompter: {
            id: string;
            name: string;
            /** @description `picture`: everything in it; `box`, `point`: what is there. */
            takes: string[];
        };
        PromptPoint: {
            /** @description Whether it belongs to the thing; true unless told. */
            inside?: boolean;
            /** Format: double */
            x: number;
            /** Format: double */
            y: number;
        };
        PromptRequest: {
            backend: string;
            /** @description Left, top, width, height, in pixels. */
            box?: number[] | null;
            /** @description Of several pictures of one moment, the camera whose picture is meant; needed where a place in it is. */
            camera?: string | null;
            /** @description The key of the class that is meant; the first of the project where a model needs one and none is. */
            class?: string | null;
            /** Format: int64 */
            fence: number;
            /** @description At most 64. */
            points?: components["schemas"]["PromptPoint"][];
        };
        QualityBody: {
            agreement: components["schemas"]["AgreementBody"];
            /** @description Answers to gold. */
            answers: components["schemas"]["ShareBody"];
            at: components["schemas"]["Time"];
            audit?: components["schemas"]["AuditBody"] | null;
            /** @description What is told of labels against what gold says of them, level after level, the least sure first; nothing before there is gold enough. */
            calibration: components["schemas"]["ConfidenceLevelBody"][];
            /** @description The classes in the order of the matrix. */
            classes: string[];
            confusion?: components["schemas"]["ConfusionBody"] | null;
            cost: components["schemas"]["CostBody"];
            doubts: components["schemas"]["DoubtBody"][];
            drift: components["schemas"]["DriftBody"][];
            gold: components["schemas"]["GoldCounts"];
            /** @description Labels of gold, made without its being known. */
            labels: components["schemas"]["ShareBody"];
            model?: components["schemas"]["ModelBody"] | null;
            people: components["schemas"]["SkillBody"][];
            project: string;
            /** @description Where several classes may hold: how each of them is told. */
            rates: components["schemas"]["RateBody"][];
            /** @description The same by a plain vote of the same answers. */
            votes: components["schemas"]["ShareBody"];
            weeks: components["schemas"]["WeekBody"][];
        };
        /** @description How much waits for the caller. */
        QueueBody: {
            /** Format: int64 */
            adjudicate: number;
            /** Format: int64 */
            label: number;
            /** Format: int64 */
            review: number;
            /** Format: int64 */
            rework: number;
        };
        /** @description How often a class was said where it holds, and where it does not. */
        RateBody: {
            class: string;
            /**
             * Format: double
             * @description Answers to items of which it holds, and those of them that say it. From gold, or from what is believed.
             */
            holds: number;
            /**
             * Format: double
             * @description The same where it does not hold.
             */
            holds_not: number;
            /** Format: double */
            said: number;
            /** Format: double */
            said_wrongly: number;
        };
        Reading: {
            /** @description The last comment that was read. */
            through: string;
        };
        /** @description What the server has received, and made durable. */
        Receipt: {
            /** @description The next slots, where they were asked for. */
            claims: components["schemas"]["Claim"][];
            /** @description Always true: a receipt is sent when the answer is on the disk. */
            durable: boolean;
            received_at: components["schemas"]["Time"];
            slot: string;
            submission: string;
            task: string;
            /** @description Only for those who may see labels: to others it would give gold away (Q4). */
            task_state?: string | null;
        };
        RecentBody: {
            answer: string;
            /**
             * Format: int64
             * @description How much has been said about it that the caller is told of (C6).
             */
            comments: number;
            name: string;
            project: string;
            project_name: string;
            /**
             * @description `waiting`, `accepted`, `fixed`, `rejected` or `resolved`. Who may not see labels is told `received`
             *     instead of `waiting` and `resolved`: which of the two would give gold away (Q4).
             */
            state: string;
            submitted_at: components["schemas"]["Time"];
            task: string;
        };
        ReleaseBody: {
            created_at: components["schemas"]["Time"];
            created_by: components["schemas"]["NamedPerson"];
            files: components["schemas"]["FileBody"][];
            formats: components["schemas"]["Format"][];
            id: string;
            job: components["schemas"]["JobBody"];
            loss: components["schemas"]["LossBody"][];
            name: string;
            /**
             * Format: int64
             * @description Counts the releases of the project, from 1.
             */
            number: number;
            project: string;
            /** @description That of its job: `queued`, `running`, `done`, `failed` or `canceled`. */
            state: string;
            /**
             * Format: int64
             * @description Labelled tasks in it.
             */
            tasks: number;
        };
        Rename: {
            name: string;
        };
        Renewed: {
            until: components["schemas"]["Time"];
        };
        Reopening: {
            /** @description Why: kept with the history of the task. */
            reason: string;
        };
        ReviewBody: {
            answer: string;
            at: components["schemas"]["Time"];
            clause?: string | null;
            id: string;
            reason?: string | null;
            reviewer: components["schemas"]["NamedPerson"];
            verdict: string;
        };
        ReviewRequest: {
            /** Format: int64 */
            active_ms?: number;
            /**
             * @description The answer as it should be: of a fix it becomes the label, of a rejection it shows the contributor
             *     what to change.
             */
            answer?: Record<string, never> | null;
            claim_next?: number;
            /** @description Of a rejection: the clause of the instructions that the answer breaks. */
            clause?: string | null;
            /** Format: int64 */
            fence: number;
            holding?: string[];
            /** @description Of a rejection: what to do better. */
            reason?: string | null;
            submission: string;
            /** @description `accept`, `fix` or `reject`. */
            verdict: string;
        };
        RoleChange: {
            role: string;
        };
        Saved: {
            saved_at: components["schemas"]["Time"];
        };
        /** @description An item of clouds on the wire. */
        SceneBody: {
            /** @description One for each moment, in the order of time. */
            clouds: components["schemas"]["CloudBody"][];
        };
        /** @description Who is signed in, and where they work. */
        SessionBody: {
            expires_at: components["schemas"]["Time"];
            organization?: components["schemas"]["OrganizationBody"] | null;
            organizations: components["schemas"]["MembershipBody"][];
            person: components["schemas"]["PersonBody"];
            role?: string | null;
        };
        SessionRowBody: {
            created_at: components["schemas"]["Time"];
            /** @description Whether this is the session that asks. */
            current: boolean;
            /** @description What the browser said of itself. */
            device: string;
            id: string;
            seen_at: components["schemas"]["Time"];
        };
        /** @description What may be changed later, too; what is not given stays as it is. */
        Settings: {
            /**
             * Format: double
             * @description What it is less sure of is left out, 0 to 1.
             */
            at_least?: number | null;
            /** @description What its classes become: the key of a class, or null where they are left out. The others are found by name. */
            classes?: {
                [key: string]: string | null;
            } | null;
            password?: string | null;
            pictures?: components["schemas"]["Pictures"] | null;
            /** @description Whether those who label may ask it about the task in their hands. */
            prompts?: boolean | null;
            /** @description Sent as a bearer token; with an empty text there is none. */
            token?: string | null;
            /** @description Of a basic login; with an empty text there is none. */
            user?: string | null;
        };
        /** @description The state of the installation, as anybody may know it. */
        Setup: {
            claimed: boolean;
            sign_up_open: boolean;
            version: string;
        };
        /** @description So many of so many, and between what that lies. */
        ShareBody: {
            /** Format: int64 */
            all: number;
            /** Format: double */
            high: number;
            /** Format: double */
            low: number;
            /** Format: int64 */
            right: number;
            /** Format: double */
            share?: number | null;
        };
        SignUp: {
            email: string;
            name: string;
            password: string;
        };
        SkillBody: {
            /** Format: int64 */
            answers: number;
            /** @description Whether the evidence is that they are right too seldom (V3). */
            flagged: boolean;
            gold: components["schemas"]["ShareBody"];
            name: string;
            person: string;
            /**
             * Format: double
             * @description How likely they are right, by all that the model knows.
             */
            skill?: number | null;
        };
        SkipBody: {
            at: components["schemas"]["Time"];
            name: string;
            person: string;
            reason: string;
            text?: string | null;
        };
        /** @enum {string} */
        SkipReason: "unclear" | "broken" | "not_allowed" | "too_hard" | "other";
        SkipRequest: {
            /** Format: int64 */
            fence: number;
            /** @description `unclear`, `broken`, `not_allowed`, `too_hard` or `other`. */
            reason: components["schemas"]["SkipReason"];
            text?: string | null;
        };
        SlotBody: {
            holder?: components["schemas"]["NamedPerson"] | null;
            id: string;
            /** Format: int64 */
            ordinal: number;
            stage: string;
            /** @description `free`, `held`, `answered` or `closed`. */
            state: string;
            until?: components["schemas"]["Time"] | null;
        };
        /**
         * @description What is read.
         * @enum {string}
         */
        Source: "auto" | "manifest" | "native" | "dataset" | "s3";
        SpreadBody: {
            /** Format: int64 */
            answers: number;
            /** Format: int64 */
            labels: number;
        };
        /** @description A model that suggests, and how sure it is. */
        SuggestedBy: {
            model: string;
            /** @description 0 to 1, by the id of the object or the span. */
            scores: {
                [key: string]: number;
            };
        };
        /** @description Everything about one task: who did what, and what came of it. */
        TaskBody: {
            /** Format: double */
            agreement?: number | null;
            answers: components["schemas"]["AnswerBody"][];
            external_id: string;
            history: components["schemas"]["HistoryBody"][];
            id: string;
            item: components["schemas"]["ItemBody"];
            label?: components["schemas"]["LabelBody"] | null;
            name: string;
            /** Format: int64 */
            overlap: number;
            /** Format: int64 */
            priority: number;
            project: string;
            reviews: components["schemas"]["ReviewBody"][];
            skips: components["schemas"]["SkipBody"][];
            slots: components["schemas"]["SlotBody"][];
            stage: string;
            state: string;
            thumb_url?: string | null;
            updated_at: components["schemas"]["Time"];
        };
        TaskChange: {
            /**
             * Format: int64
             * @description 0 to 9, the most urgent last.
             */
            priority?: number | null;
        };
        /** @description What a change of a task answers. */
        TaskChanged: {
            id: string;
            /** Format: int64 */
            priority: number;
            stage: string;
            state: string;
        };
        TaskCounts: {
            /** Format: int64 */
            canceled: number;
            /** Format: int64 */
            done: number;
            /** Format: int64 */
            error: number;
            /** Format: int64 */
            in_progress: number;
            /** Format: int64 */
            in_review: number;
            /** Format: int64 */
            queued: number;
            /** Format: int64 */
            total: number;
        };
        /** @description A task in a list. */
        TaskListBody: {
            /** Format: double */
            agreement?: number | null;
            /**
             * Format: int64
             * @description Standing answers of the label stage.
             */
            answers: number;
            external_id: string;
            id: string;
            item: string;
            name: string;
            /** Format: int64 */
            overlap: number;
            /** Format: int64 */
            priority: number;
            stage: string;
            state: string;
            thumb_url?: string | null;
            updated_at: components["schemas"]["Time"];
        };
        /** @description What was suggested for a task, and what each answer made of it. */
        TaskSuggestion: {
            answers: components["schemas"]["AnswerOutcomes"][];
            asked_at?: components["schemas"]["Time"] | null;
            /** @description The model with its version; none where it came with the data. */
            model?: string | null;
            /** @description 0 to 1, by the id of the object or the span. */
            scores: {
                [key: string]: number;
            };
            suggestion: Record<string, never>;
        };
        TemplateBody: {
            description: string;
            name: string;
            ontology: Record<string, never>;
            question: Record<string, never>;
            template: string;
        };
        /** @description A thread: what was said of one thing. */
        ThreadBody: {
            /** @description The answer that it was begun on. */
            answer: string;
            /** @description Who began it: `contributor` or `reviewer`. */
            began: string;
            /** @description The oldest first. */
            comments: components["schemas"]["CommentBody"][];
            id: string;
            /** @description What it is about: `{object?, region?: {x, y, width, height}, passage?: [start, end], frame?, camera?}`. */
            pin: Record<string, never>;
            /** @description `open`, `done` (says its contributor) or `resolved`. */
            state: string;
        };
        /**
         * Format: date-time
         * @description A moment on the wire: UTC, ISO 8601, milliseconds.
         */
        Time: string;
        Turning: {
            /** @description `open`, `done` or `resolved`. */
            state: string;
        };
        UploadBody: {
            id: string;
            item?: string | null;
            /**
             * Format: int64
             * @description Where the next piece goes.
             */
            offset: number;
            problem?: components["schemas"]["ProblemBody"] | null;
            /** @description `open`, `done` or `refused`. */
            state: string;
        };
        /** @description Where a video is, and the table of its frames (`docs/spec/frames.md`). */
        VideoBody: {
            /** Format: int64 */
            frames: number;
            frames_url: string;
            video_url: string;
        };
        /** @description How many of the answers say what the label says of an attribute (A20). */
        Votes: {
            /** Format: int64 */
            all: number;
            /** Format: int64 */
            same: number;
        };
        /** @description One week, from Monday 00:00 UTC. */
        WeekBody: {
            agreement?: components["schemas"]["FigureBody"] | null;
            from: components["schemas"]["Time"];
            /** @description Answers to gold that came in it. */
            gold: components["schemas"]["ShareBody"];
            /**
             * Format: int64
             * @description Tasks of several answers that came to a label or a decision in it, and how far their answers agree.
             */
            tasks: number;
        };
        WorkBody: {
            /** Format: int64 */
            active_ms_today: number;
            /**
             * Format: int64
             * @description Since midnight, UTC.
             */
            answers_today: number;
            /** Format: int64 */
            answers_total: number;
            /** @description What stands in the person's account, from every organization. */
            earned: components["schemas"]["MoneyBody"][];
            /** @description The latest answers, the newest first. */
            recent: components["schemas"]["RecentBody"][];
        };
        Writing: {
            /** @description Of a comment that begins a thread: what it is about. */
            pin?: Record<string, never> | null;
            text: string;
            /** @description The thread to go on with; without it, one begins. */
            thread?: string | null;
        };
    };
    responses: {
        /** @description It was refused or failed; the codes are in docs/spec/errors.md */
        Failure: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Failure"];
            };
        };
    };
    parameters: {
        /** @description The same key with the same body gives the recorded answer (H3). */
        IdempotencyKey: string;
    };
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    get_comments: {
        parameters: {
            query?: {
                /** @description Where to go on: `next_cursor` of the page before. */
                cursor?: string;
                /** @description How many at most, 1 to 200. */
                limit?: number;
            };
            header?: never;
            path: {
                answer: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ThreadBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    put_comment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                answer: string;
                submission: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Writing"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ThreadBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    put_contest: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body gives the recorded answer (H3). */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                answer: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Contesting"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Failure"];
        };
    };
    post_decision: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body gives the recorded answer (H3). */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                answer: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ContestDecision"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ContestDecided"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    put_read: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                answer: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Reading"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Failure"];
        };
    };
    delete_backend: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body gives the recorded answer (H3). */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                backend: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Failure"];
        };
    };
    patch_backend: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body gives the recorded answer (H3). */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                backend: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChangeBackend"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackendBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    post_check: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                backend: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackendBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    post_fetch: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body gives the recorded answer (H3). */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                backend: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FetchRequest"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    post_train: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body gives the recorded answer (H3). */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                backend: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    put_thread_state: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                comment: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Turning"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ThreadBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    get_inbox: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InboxBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    get_inbox_live: {
        parameters: {
            query?: {
                /** @description An answer whose threads are told besides. */
                answer?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Server-sent events `inbox` and, of one answer, `comments` */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["InboxBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    get_invitations: {
        parameters: {
            query?: {
                /** @description Where to go on: `next_cursor` of the page before. */
                cursor?: string;
                /** @description How many at most, 1 to 200. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_InvitationBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    post_invitation: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body gives the recorded answer (H3). */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["InvitationRequest"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InvitationBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    delete_invitation: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body gives the recorded answer (H3). */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                invitation: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Failure"];
        };
    };
    post_accept: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AcceptInvitation"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    post_open: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OpenInvitation"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenedInvitation"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    get_item: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                item: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ItemBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    get_camera_full: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                camera: number;
                item: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/*": unknown;
                };
            };
            /** @description Not Modified */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Failure"];
        };
    };
    get_camera_preview: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                camera: number;
                item: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/*": unknown;
                };
            };
            /** @description Not Modified */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Failure"];
        };
    };
    get_camera_thumb: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                camera: number;
                item: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/*": unknown;
                };
            };
            /** @description Not Modified */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Failure"];
        };
    };
    get_camera_tile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                camera: number;
                col: number;
                item: string;
                level: number;
                row: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/*": unknown;
                };
            };
            /** @description Not Modified */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Failure"];
        };
    };
    get_cloud: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                cloud: number;
                item: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description Not Modified */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Failure"];
        };
    };
    get_camera: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                camera: number;
                cloud: number;
                item: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/*": unknown;
                };
            };
            /** @description Not Modified */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Failure"];
        };
    };
    get_points: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                cloud: number;
                item: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": unknown;
                };
            };
            /** @description Partial Content */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Not Modified */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Range Not Satisfiable */
            416: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Failure"];
        };
    };
    get_frames: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                item: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.fairmark.frames": number[];
                };
            };
            /** @description Not Modified */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Failure"];
        };
    };
    get_full: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                item: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/*": unknown;
                };
            };
            /** @description Not Modified */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Failure"];
        };
    };
    get_item_preview: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                item: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/*": unknown;
                };
            };
            /** @description Not Modified */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Failure"];
        };
    };
    get_thumb: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                item: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/*": unknown;
                };
            };
            /** @description Not Modified */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Failure"];
        };
    };
    get_tile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                col: number;
                item: string;
                level: number;
                row: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/*": unknown;
                };
            };
            /** @description Not Modified */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Failure"];
        };
    };
    get_video: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                item: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "video/*": number[];
                };
            };
            /** @description Partial Content */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Not Modified */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Range Not Satisfiable */
            416: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Failure"];
        };
    };
    get_jobs: {
        parameters: {
            query?: {
                /** @description Where to go on: `next_cursor` of the page before. */
                cursor?: string;
                /** @description How many at most, 1 to 200. */
                limit?: number;
                /** @description Of this project only. */
                project?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_JobBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    get_job: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    post_job_cancel: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body gives the recorded answer (H3). */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                job: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    get_errors: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    get_kept: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeptBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    put_kept: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                entry: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Keeping"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EntryBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    delete_kept: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                entry: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Failure"];
        };
    };
    get_keys: {
        parameters: {
            query?: {
                /** @description Where to go on: `next_cursor` of the page before. */
                cursor?: string;
                /** @description How many at most, 1 to 200. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_KeyBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    post_key: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body gives the recorded answer (H3). */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewKeyRequest"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    delete_key: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body gives the recorded answer (H3). */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Failure"];
        };
    };
    get_lent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                pass: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/*": unknown;
                };
            };
            /** @description Not Modified */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Failure"];
        };
    };
    get_live: {
        parameters: {
            query: {
                project: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Server-sent events `progress` and `job` */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["ProgressBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    get_members: {
        parameters: {
            query?: {
                /** @description Where to go on: `next_cursor` of the page before. */
                cursor?: string;
                /** @description How many at most, 1 to 200. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_MemberBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    delete_member: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body gives the recorded answer (H3). */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                person: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Failure"];
        };
    };
    patch_member: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body gives the recorded answer (H3). */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                person: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RoleChange"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    get_models: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_LocalModelBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    delete_organization: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Destroy"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Failure"];
        };
    };
    patch_organization: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body gives the recorded answer (H3). */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Rename"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrganizationBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    post_destruction: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body gives the recorded answer (H3). */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Rename"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Destruction"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    get_organizations: {
        parameters: {
            query?: {
                /** @description Where to go on: `next_cursor` of the page before. */
                cursor?: string;
                /** @description How many at most, 1 to 200. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_OrganizationRowBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    post_organization: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body gives the recorded answer (H3). */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewOrganization"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrganizationRowBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    put_password: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordChange"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Failure"];
        };
    };
    get_picture: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                address: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/*": unknown;
                };
            };
            /** @description Not Modified */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Failure"];
        };
    };
    get_projects: {
        parameters: {
            query?: {
                /** @description Where to go on: `next_cursor` of the page before. */
                cursor?: string;
                /** @description How many at most, 1 to 200. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ProjectBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    post_project: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body gives the recorded answer (H3). */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewProject"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProjectBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    get_project: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProjectBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    patch_project: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body gives the recorded answer (H3). */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                project: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProjectChange"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProjectBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    get_backends: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_BackendBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    post_backend: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body gives the recorded answer (H3). */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                project: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewBackend"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackendBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    post_claims: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body gives the recorded answer (H3). */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                project: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ClaimRequest"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Claims"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    get_contests: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ContestBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    get_gold: {
        parameters: {
            query?: {
                /** @description Where to go on: `next_cursor` of the page before. */
                cursor?: string;
                /** @description How many at most, 1 to 200. */
                limit?: number;
            };
            header?: never;
            path: {
                project: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_GoldBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    post_gold: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body gives the recorded answer (H3). */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                project: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewGold"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GoldBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    post_import: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body gives the recorded answer (H3). */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                project: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ImportRequest"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    get_instructions: {
        parameters: {
            query?: {
                /** @description The newest, unless asked otherwise. */
                version?: number;
            };
            header?: never;
            path: {
                project: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InstructionsBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    put_instructions: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body gives the recorded answer (H3). */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                project: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewInstructions"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InstructionsBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    get_items: {
        parameters: {
            query?: {
                /** @description Where to go on: `next_cursor` of the page before. */
                cursor?: string;
                /** @description How many at most, 1 to 200. */
                limit?: number;
                /** @description The beginning of the external id. */
                q?: string;
            };
            header?: never;
            path: {
                project: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ItemBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    post_items: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body gives the recorded answer (H3). */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                project: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AddItems"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Added"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    get_ontology: {
        parameters: {
            query?: {
                /** @description The newest, unless asked otherwise. */
                version?: number;
            };
            header?: never;
            path: {
                project: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OntologyBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    put_ontology: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body gives the recorded answer (H3). */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                project: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewOntology"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OntologyBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    get_outcomes: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ModelOutcomes"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    get_person: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                person: string;
                project: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonQualityBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    get_person_csv: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                person: string;
                project: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    post_picture: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body gives the recorded answer (H3). */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                project: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "image/*": unknown;
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PictureAt"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    post_predictions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Predictions"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PredictionsTaken"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    get_progress: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProgressBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    get_prompters: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Prompter"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    get_quality: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QualityBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    get_plot: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `accuracy.csv`, `cost.csv`, `people.csv`, `confusion.csv`, `rates.csv`, `drift.csv`, `weeks.csv`, `audit.csv`, `calibration.csv` or `doubts.csv`. */
                plot: string;
                project: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    get_queue: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QueueBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    get_releases: {
        parameters: {
            query?: {
                /** @description Where to go on: `next_cursor` of the page before. */
                cursor?: string;
                /** @description How many at most, 1 to 200. */
                limit?: number;
            };
            header?: never;
            path: {
                project: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ReleaseBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    post_release: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body gives the recorded answer (H3). */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                project: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewReleaseBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReleaseBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    get_formats: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_FormatBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    get_preview: {
        parameters: {
            query?: {
                /** @description Names of formats, with commas between; each of our own that fits, unless told. */
                formats?: string;
            };
            header?: never;
            path: {
                project: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PreviewBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    post_upload: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body gives the recorded answer (H3). */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                project: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewUpload"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UploadBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    get_release: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                release: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReleaseBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    get_file: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
                release: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": unknown;
                };
            };
            /** @description Partial Content */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Not Modified */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Range Not Satisfiable */
            416: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Failure"];
        };
    };
    get_session: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    post_session: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Login"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    delete_session: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Failure"];
        };
    };
    patch_session: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MoveSession"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    get_sessions: {
        parameters: {
            query?: {
                /** @description Where to go on: `next_cursor` of the page before. */
                cursor?: string;
                /** @description How many at most, 1 to 200. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_SessionRowBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    delete_one_session: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body gives the recorded answer (H3). */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                session: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Failure"];
        };
    };
    get_setup: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Setup"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    post_claim: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["InstallationClaim"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    post_sign_up: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignUp"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Failure"];
        };
    };
    put_adjudication: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                slot: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AdjudicationRequest"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Receipt"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    put_answer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                slot: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AnswerRequest"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Receipt"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    put_draft: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                slot: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DraftRequest"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Saved"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    post_heartbeat: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body gives the recorded answer (H3). */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                slot: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Fenced"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Renewed"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    post_prompt: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                slot: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PromptRequest"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PromptBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    post_slot_release: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body gives the recorded answer (H3). */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                slot: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Fenced"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Failure"];
        };
    };
    put_review: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                slot: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReviewRequest"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Receipt"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    post_skip: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body gives the recorded answer (H3). */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                slot: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SkipRequest"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Failure"];
        };
    };
    get_tasks: {
        parameters: {
            query: {
                /** @description Where to go on: `next_cursor` of the page before. */
                cursor?: string;
                /** @description How many at most, 1 to 200. */
                limit?: number;
                /** @description Who has answered. */
                person?: string;
                project: string;
                /** @description The beginning of an external id. */
                q?: string;
                /** @description `queued`, `in_progress`, `in_review`, `done`, `canceled` or `error`. */
                state?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_TaskListBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    get_task: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                task: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    patch_task: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body gives the recorded answer (H3). */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                task: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TaskChange"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskChanged"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    post_task_cancel: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body gives the recorded answer (H3). */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                task: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskChanged"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    delete_gold: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body gives the recorded answer (H3). */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                task: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GoldBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    post_reopen: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body gives the recorded answer (H3). */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                task: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Reopening"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskChanged"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    get_suggestions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                task: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_TaskSuggestion"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    get_templates: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_TemplateBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    patch_upload: {
        parameters: {
            query?: never;
            header: {
                "Upload-Offset": number;
            };
            path: {
                upload: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": unknown;
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UploadBody"];
                };
            };
            /** @description `wrong_offset`, with the right one in `details.offset` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Failure"];
        };
    };
    post_finish: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                upload: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UploadBody"];
                };
            };
            /** @description the file is refused, with the reason under `problems` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Failure"];
        };
    };
    get_work: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkBody"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
    get_scores: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OwnScores"];
                };
            };
            default: components["responses"]["Failure"];
        };
    };
}
